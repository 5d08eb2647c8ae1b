// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation

/// What the doctor is to look at beside the machine itself.
struct DoctorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model that is to be served: a version's folder or a model folder.", valueName: "dir"))
    var model: String?

    @Option(help: "The port that is to be listened on (default: 8500 serving, 4433 broker).")
    var port: Int?

    @Option(help: ArgumentHelp("A folder that `tls issue` made.", valueName: "dir"))
    var tls: String?

    @Option(name: .customLong("key"), help: ArgumentHelp("A key's file, such as the wrap key; repeat for more.", valueName: "file"))
    var keys: [String] = []

    @Option(help: ArgumentHelp("The broker's policy.", valueName: "file"))
    var policy: String?

    @Option(help: ArgumentHelp("The broker's decision log.", valueName: "file"))
    var log: String?

    @Option(name: .customLong("pccs-url"), help: "Base of the collateral service, to be asked.")
    var pccsURL: String?

    @Option(name: .customLong("pccs-ca"), help: "CA of the collateral service's own certificate, PEM.")
    var pccsCA: String?

    @Option(name: .customLong("tensorflow-library"), help: "TensorFlow's library, if it is not where `make tensorflow` puts it.")
    var tensorFlowLibrary: String?
}

/// `sealwright doctor`: whether this machine is fit for its role.
struct DoctorCommand: AsyncParsableCommand {
    /// What a machine is for.
    enum Role: String, ExpressibleByArgument, CaseIterable {
        case owner, broker, serving
    }

    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look whether this machine is fit for its role, and tell what to do if not.",
        discussion: """
            Prints a table; each thing that is not as it should be has its remedy. Ends with status 78 when something is bad, 0 otherwise.

            EXAMPLE
              sealwright doctor --role owner --model models/resnet50 --key wrap-key --tls ssl_configure
              sealwright doctor --role broker --policy policy.yaml --tls broker_tls --pccs-url https://pccs.example:8081/sgx/certification/v4/
              sealwright doctor --role serving --model models/resnet50 --json
            """)

    @Option(help: "The machine's role: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    var role: Role

    @OptionGroup(title: "WHAT TO LOOK AT")
    var options: DoctorOptions

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        let role: String
        let fit: Bool
        let checks: [DoctorCheck]
    }

    func run() async throws {
        let doctor = Doctor(machine: Machine(), options: self.options, environment: ProcessInfo.processInfo.environment)
        let checks =
            switch self.role {
            case .owner: doctor.ownerChecks()
            case .broker: await doctor.brokerChecks()
            case .serving: await doctor.servingChecks()
            }
        let isFit = !checks.contains { $0.status == .bad }
        if self.json {
            print(try ModelShowCommand.json(Report(role: self.role.rawValue, fit: isFit, checks: checks)))
        } else {
            print(DoctorCheck.table(checks))
            print(isFit ? "fit for the role of \(self.role.rawValue)" : "not fit for the role of \(self.role.rawValue) yet")
        }
        if !isFit { throw ExitCode(ExitStatus.configuration.rawValue) }
    }
}
