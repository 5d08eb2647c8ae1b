// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import KeyBroker
import Logging
import RATLS
import ServiceLifecycle
import UnixSignals

/// Runs the key release service.
struct BrokerServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Release secrets over Gramine's secret provisioning protocol and over HTTPS.",
        discussion: """
            Takes connections of secret-provisioning clients (door 1), verifies the quote in the client's certificate with collateral from the PCCS, \
            appraises it against the policy and sends the secret of the first rule that matches. With a store, challenges are given out and answered \
            over HTTPS as well (door 2). Every decision is recorded before anything is sent, and told on standard error.

            Prints a line `ready ADDRESS:PORT https ADDRESS:PORT` when both are open. Policy and certificate are read again when their files change and \
            on SIGHUP; what cannot be read leaves the old in force. SIGTERM and SIGINT let it finish what it has.

            EXAMPLE:
              sealwright broker store init --store store/broker.sqlite --new-master-key keys/master-key
              sealwright broker serve --policy policy.yaml --certificate broker/cert.pem --private-key broker/key.pem \\
                --pccs-url https://localhost:8081/sgx/certification/v4/ --store store/broker.sqlite --master-key keys/master-key
            """)

    @OptionGroup var options: BrokerServeOptions

    func run() async throws {
        let configuration = try self.options.configuration()
        if self.options.printConfig { return print(try JSONText.encode(configuration.description)) }
        try await BrokerRun(configuration).run()
    }
}
