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
        abstract: "Serve Gramine's secret provisioning protocol.",
        discussion: """
            Takes connections of secret-provisioning clients, verifies the SGX quote in the client's certificate with collateral from the PCCS, \
            appraises it against the policy and sends the secret of the first rule that matches. Every decision is told on standard error, with \
            the whole report of a refusal. When it listens, one line `ready ADDRESS:PORT` is printed. Ends on SIGTERM and SIGINT.

            EXAMPLE:
              sealwright broker serve --policy policy.yaml --certificate broker/cert.pem --private-key broker/key.pem \\
                --pccs-url https://localhost:8081/sgx/certification/v4/ --log decisions.jsonl
            """)

    @Option(help: "The policy file.")
    var policy: String

    @Option(help: "The broker's certificate with its chain, PEM.")
    var certificate: String

    @Option(help: "The certificate's private key, PEM.")
    var privateKey: String

    @Option(help: "Address to listen on.")
    var address = "0.0.0.0"

    @Option(help: "Port to listen on; 0 lets the system choose.")
    var port: UInt16 = 4433

    @Option(
        name: .customLong("pccs-url"),
        help: "Base of the collateral service: a PCCS, or Intel's https://api.trustedservices.intel.com/sgx/certification/v4/.")
    var pccsURL: String

    @Option(name: .customLong("pccs-ca"), help: "CA of the collateral service's own certificate, PEM, where the system does not know it.")
    var pccsCA: String?

    @Option(help: "INSECURE, for development: accept evidence of the simulated platform with this root certificate.")
    var simulatedRoot: String?

    @Option(help: "File to append every decision to, one JSON object a line.")
    var log: String?

    func run() async throws {
        let logger = Logger(label: "broker", factory: StreamLogHandler.standardError(label:))
        let policy = try Policy(contentsOfFile: self.policy)
        let secrets = try SecretStore(loading: policy)
        let context = try RATLSContext.server(identity: TLSIdentity(certificateFile: self.certificate, privateKeyFile: self.privateKey))
        let simulatedRoots = try self.simulatedRoot.map { [try RootOfTrust(simulatedRootFile: $0)] } ?? []
        let address = try CollateralServiceAddress(self.pccsURL)
        // The file first: what is printed has been recorded.
        let logs = (try self.log.map { [try DecisionLogFile(path: $0) as any DecisionLog] } ?? []) + [DecisionPrinter(logger: logger)]
        BrokerNotices(policy: policy, simulatedRoots: simulatedRoots).print(to: logger, at: Date())

        try await HTTPCollateralTransport.with(certificateAuthorities: try self.pccsAuthorities()) { transport in
            let cache = CollateralCache(PCCSClient(address: address, transport: transport))
            let releaser = Releaser(
                policy: policy, secrets: secrets, verifier: PeerVerifier(roots: [.intelSGX] + simulatedRoots, collateral: cache),
                simulatedEvidence: simulatedRoots.isEmpty ? .refused : .allowed)
            let broker = Broker(
                configuration: self.configuration, context: context, releaser: releaser, logs: logs, logger: logger, onReady: Self.announce)
            try await ServiceGroup(services: [broker], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
        }
    }

    private var configuration: Broker.Configuration {
        var configuration = Broker.Configuration()
        configuration.address = self.address
        configuration.port = Int(self.port)
        return configuration
    }

    private func pccsAuthorities() throws -> [[UInt8]] {
        guard let file = self.pccsCA else { return [] }
        return try PEMDocument.certificates(try InputFile.readAll(file, limit: PEMDocument.sizeLimit), name: file)
    }

    /// Not `print`, which keeps the line in its buffer where standard output is a pipe.
    private static func announce(address: String, port: Int) {
        let host = address.contains(":") ? "[\(address)]" : address
        FileHandle.standardOutput.write(Data("ready \(host):\(port)\n".utf8))
        ServiceManager.notifyReady()
    }
}
