// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import KeyBroker
import RATLS

/// Looks whether this machine is fit for a broker.
struct BrokerDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look whether this machine is fit for the broker, and say what to do if not.",
        discussion: """
            Looks at what is given: the policy and the files it names, the certificate's names, dates and key, the ports, the collateral service (and by \
            its time the clock), the store. Ends with 0 unless something is bad, with 69 otherwise.

            EXAMPLE:
              sealwright broker doctor --policy policy.yaml --certificate broker/cert.pem --private-key broker/key.pem --name broker.example \\
                --pccs-url https://localhost:8081/sgx/certification/v4/ --store store/broker.sqlite --master-key keys/master-key
            """)

    @Option(help: ArgumentHelp("The policy file.", valueName: "file"))
    var policy: String?

    @Option(help: ArgumentHelp("The broker's certificate, PEM.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var privateKey: String?

    @Option(help: ArgumentHelp("A name by which enclaves reach the broker; repeat for more.", valueName: "name"))
    var name: [String] = []

    @Option(help: "Address to listen on.")
    var address = "0.0.0.0"

    @Option(help: ArgumentHelp("A port that has to be free; repeat for more (default: 4433 and 8443).", valueName: "port"))
    var port: [UInt16] = []

    @Option(name: .customLong("pccs-url"), help: "Base of the collateral service.")
    var pccsURL: String?

    @Option(name: .customLong("pccs-ca"), help: ArgumentHelp("CA of the collateral service's own certificate, PEM.", valueName: "file"))
    var pccsCA: String?

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String?

    @OptionGroup var masterKey: MasterKeyOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let subject = try self.subject()
        let authorities = try self.pccsCA.map {
            try PEMDocument.certificates(try InputFile.readAll($0, limit: PEMDocument.sizeLimit), name: $0)
        }
        let findings = try await HTTPCollateralTransport.with(certificateAuthorities: authorities ?? []) { transport in
            await BrokerDoctor(subject, transport: transport).examine()
        }
        print(self.json ? try JSONText.encode(findings) : findings.map(\.text).joined(separator: "\n"))
        let bad = findings.count { $0.state == .bad }
        guard bad == 0 else {
            throw CommandFailure(
                "unfit", "\(bad) of \(findings.count) findings are bad", remedy: "each has its remedy above", exitStatus: .unavailable)
        }
    }

    private func subject() throws -> BrokerDoctor.Subject {
        guard (self.certificate == nil) == (self.privateKey == nil) else {
            throw CommandFailure("bad-options", "a certificate and its key belong together", remedy: "give --certificate and --private-key")
        }
        var subject = BrokerDoctor.Subject()
        subject.policy = self.policy
        if let certificate, let privateKey { subject.identity = .init(certificate: certificate, privateKey: privateKey) }
        subject.names = self.name
        subject.address = self.address
        subject.ports = (self.port.isEmpty ? [4433, 8443] : self.port).map { Int($0) }
        subject.collateralService = try self.pccsURL.map { try CollateralServiceAddress($0) }
        let masterKey = try self.masterKey.source()
        subject.store = self.store.map { ($0, masterKey) }
        return subject
    }
}
