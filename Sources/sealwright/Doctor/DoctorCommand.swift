// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation

/// `sealwright doctor`: whether a machine, a manifest or an enclave is fit for its role, and what to do if not.
struct DoctorCommand: AsyncParsableCommand {
    /// What a machine is for.
    enum Role: String, ExpressibleByArgument, CaseIterable {
        case owner, broker, serving
    }

    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look whether a machine, a Gramine manifest or an enclave's size is fit for its role, and tell what to do if not.",
        discussion: """
            --role looks at this machine. --manifest names what is wrong with a manifest or its template, under the release of Gramine that will run \
            it. --enclave computes the enclave's size and number of threads for a model, and the lines for the manifest. Each thing that is not as it \
            should be has its remedy. Ends with status 78 when something is bad, 0 otherwise.

            A broker's policy, certificate, store and ports are looked at as `sealwright broker doctor` does.

            EXAMPLE
              sealwright doctor --role owner --model models/resnet50 --key wrap-key --tls ssl_configure
              sealwright doctor --role broker --policy policy.yaml --tls broker_tls --store broker.sqlite --pccs-url https://pccs.example:8081/sgx/certification/v4/
              sealwright doctor --role serving --model models/resnet50 --json
              sealwright doctor --manifest serve.manifest.template --gramine-version 1.9 --image-root /
              sealwright doctor --enclave --model sealed/resnet50
            """)

    @Option(help: "The role of this machine: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    var role: Role?

    @OptionGroup(title: "What to look at")
    var options: DoctorOptions

    @OptionGroup(title: "Network")
    var endpoints: DoctorEndpointOptions

    @OptionGroup(title: "A broker")
    var broker: DoctorBrokerOptions

    @OptionGroup(title: "A manifest")
    var manifestOptions: DoctorManifestOptions

    @OptionGroup(title: "An enclave")
    var enclaveOptions: DoctorEnclaveOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Report: Encodable {
        let role: String
        let fit: Bool
        let checks: [DoctorCheck]
    }

    func run() async throws {
        switch (self.role, self.manifestOptions.manifest, self.enclaveOptions.enclave) {
        case (let role?, nil, false): try await self.look(at: role)
        case (nil, let file?, false): try self.manifestOptions.run(file, json: self.json)
        case (nil, nil, true): try self.enclaveOptions.run(model: self.options.model, json: self.json)
        default:
            throw CommandFailure("doctor-what", "one of --role, --manifest and --enclave has to be given", remedy: "sealwright doctor --help")
        }
    }

    private func look(at role: Role) async throws {
        let doctor = Doctor(
            machine: Machine(), options: self.options, endpoints: self.endpoints, broker: self.broker,
            environment: ProcessInfo.processInfo.environment)
        let checks =
            switch role {
            case .owner: doctor.ownerChecks()
            case .broker: try await doctor.brokerChecks()
            case .serving: await doctor.servingChecks()
            }
        let isFit = !checks.contains { $0.status == .bad }
        if self.json {
            print(try JSONText.encode(Report(role: role.rawValue, fit: isFit, checks: checks)))
        } else {
            print(DoctorCheck.table(checks))
            print(isFit ? "fit for the role of \(role.rawValue)" : "not fit for the role of \(role.rawValue) yet")
        }
        if !isFit { throw ExitCode(ExitStatus.configuration.rawValue) }
    }
}
