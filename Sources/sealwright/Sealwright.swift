// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command line: each command parses, calls one library function and prints.
@main
struct Sealwright: AsyncParsableCommand {
    /// The version of this program (Semantic Versioning 2.0.0).
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "sealwright",
        abstract: "Serves a TensorFlow model on a machine its owner does not trust.",
        usage: "sealwright <subcommand>\nsealwright --version",
        subcommands: [
            DemoCommand.self,
            ModelCommand.self,
            TLSCommand.self,
            KeyCommand.self,
            SealCommand.self,
            OpenCommand.self,
            InspectCommand.self,
            VerifyCommand.self,
            RewrapCommand.self,
            QuoteCommand.self,
            CollateralCommand.self,
            BrokerCommand.self,
            PolicyCommand.self,
            ServeCommand.self,
            PredictCommand.self,
            ImportCommand.self,
            DoctorCommand.self,
            SimulateCommand.self,
            HealthCommand.self,
        ]
    )

    static func main() async {
        let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init)
        var arguments = Array(CommandLine.arguments.dropFirst())
        // Under the name of the server whose place this one takes, everything is said to `serve`.
        if program == UpstreamFlags.programName { arguments.insert(ServeCommand.configuration.commandName ?? "serve", at: 0) }
        if arguments.first == ServeCommand.configuration.commandName {
            let prepared = UpstreamFlags.prepare(arguments)
            for warning in prepared.warnings { StandardError.write("WARNING: \(warning)\n") }
            arguments = prepared.arguments
        }
        // The argument library would take `--version` from the commands that have an option of that name.
        if arguments == ["--version"] { return print("sealwright \(Self.version)") }
        await CommandRunner.run(Self.self, arguments: arguments)
    }
}
