// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The key release service.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Release secrets to enclaves that prove what they are.",
        subcommands: [BrokerServeCommand.self, BrokerPolicyCommand.self])
}

/// The broker's policy files.
struct BrokerPolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Work with policy files.",
        subcommands: [BrokerPolicyCheckCommand.self])
}
