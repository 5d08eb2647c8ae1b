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
            Foundation.exit(report(error, from: root))
        }
    }

    /// Tells of the error and returns the process's exit status.
    private static func report(_ error: any Error, from root: any AsyncParsableCommand.Type) -> Int32 {
        if let failure = error as? any DiagnosableError {
            StandardError.write(describe(failure))
            return failure.exitStatus.rawValue
        }
        if let exit = error as? ExitCode { return exit.rawValue }
        // Everything else is ArgumentParser's: its help text is an answer, anything else a wrong use.
        let status = root.exitCode(for: error)
        let text = root.fullMessage(for: error)
        if status.isSuccess { print(text) } else { StandardError.write(text + "\n") }
        return status.rawValue
    }

    private static func describe(_ failure: any DiagnosableError) -> String {
        let remedy = failure.remedy.map { "  what to do: \($0)\n" } ?? ""
        return "error: \(failure.message) [\(failure.identifier)]\n\(remedy)"
    }
}
