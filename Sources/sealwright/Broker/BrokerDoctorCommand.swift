// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import KeyBroker

/// Looks whether this machine is fit for a broker.
struct BrokerDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look whether this machine is fit for the broker, and say what to do if not.",
        discussion: """
            Looks at what is given: the policy and the files it names, the certificate's names, dates and key, the ports, the collateral service (and by \
            its time the clock), the store. Ends with 0 unless something is bad, with 69 otherwise. `sealwright doctor --role broker` looks at the same \
            and at the machine.

            EXAMPLE:
              sealwright broker doctor --policy policy.yaml --certificate broker/cert.pem --private-key broker/key.pem --name broker.example \\
                --pccs-url https://localhost:8081/sgx/certification/v4/ --store store/broker.sqlite --master-key keys/master-key
            """)

    @OptionGroup var broker: DoctorBrokerOptions

    @OptionGroup var endpoints: DoctorEndpointOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        var subject = try self.broker.subject(self.endpoints)
        subject.collateralService = try self.endpoints.service()
        let checks = try await self.endpoints.withTransport { [subject] in await BrokerDoctor(subject, transport: $0).examine() }
        print(self.json ? try JSONText.encode(checks) : DoctorCheck.table(checks))
        let bad = checks.count { $0.status == .bad }
        guard bad == 0 else {
            throw CommandFailure(
                "unfit", "\(bad) of \(checks.count) checks are bad", remedy: "each has its remedy above", exitStatus: .unavailable)
        }
    }
}
