// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import KeyBroker

/// Reads a policy as the broker would, and points out what is probably not meant.
struct BrokerPolicyCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a policy file.",
        discussion: """
            Errors are told with line and column and end with status 78. Warnings do not change the status: expired waivers, rules that refuse \
            every enclave, secrets without a rule or without a readable file.

            EXAMPLE:
              sealwright broker policy check policy.yaml
            """)

    @Argument(help: "The policy file.")
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let report = PolicyReport(try Policy(contentsOfFile: self.file), at: Date())
        print(self.json ? try report.json : report.text)
    }
}
