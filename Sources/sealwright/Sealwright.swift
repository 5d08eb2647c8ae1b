// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command line: each command parses, calls one library function and prints.
@main
struct Sealwright: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sealwright",
        abstract: "Serves a TensorFlow model on a machine its owner does not trust.",
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
            BrokerCommand.self,
            ServeCommand.self,
            PredictCommand.self,
            ImportCommand.self,
            DoctorCommand.self,
            SimulateCommand.self,
        ]
    )

    static func main() async {
        await CommandRunner.run(Self.self, arguments: Array(CommandLine.arguments.dropFirst()))
    }
}
