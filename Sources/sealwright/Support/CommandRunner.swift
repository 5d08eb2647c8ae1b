// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation

/// Runs a command so that its errors are told in one form and its process ends with the right status.
enum CommandRunner {
    /// Parses `arguments`, runs the command they name and ends the process.
    static func run(_ root: any AsyncParsableCommand.Type, arguments: [String]) async -> Never {
        do {
            var command = try root.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Foundation.exit(ExitStatus.success.rawValue)
        } catch {
            Foundation.exit(report(error, from: root, asJSON: arguments.contains("--json")))
        }
    }

    /// Tells of the error and returns the process's exit status.
    private static func report(_ error: any Error, from root: any AsyncParsableCommand.Type, asJSON: Bool) -> Int32 {
        if let failure = error as? any DiagnosableError {
            StandardError.write(asJSON ? describeAsJSON(failure.identifier, failure.message, failure.remedy) : describe(failure))
            return failure.exitStatus.rawValue
        }
        if let exit = error as? ExitCode { return exit.rawValue }
        // Everything else is ArgumentParser's: its help text is an answer, anything else a wrong use.
        let status = root.exitCode(for: error)
        let text = root.fullMessage(for: error)
        if status.isSuccess {
            print(text)
        } else {
            StandardError.write(asJSON ? describeAsJSON("usage", root.message(for: error), text) : text + "\n")
        }
        return status.rawValue
    }

    /// One JSON object, for programs that asked for JSON.
    private static func describeAsJSON(_ code: String, _ message: String, _ remedy: String?) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of texts can always be encoded.
        guard let data = try? encoder.encode(["code": code, "message": message, "remedy": remedy].compactMapValues { $0 }) else { return "{}\n" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func describe(_ failure: any DiagnosableError) -> String {
        let remedy = failure.remedy.map { "  what to do: \($0)\n" } ?? ""
        return "error: \(failure.message) [\(failure.identifier)]\n\(remedy)"
    }
}
