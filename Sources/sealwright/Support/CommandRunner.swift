// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import CProcess
import Foundation

/// Runs a command so that its errors are told in one form and its process ends with the right status.
enum CommandRunner {
    /// Parses `arguments`, runs the command they name and ends the process.
    static func run(_ root: any AsyncParsableCommand.Type, arguments: [String]) async -> Never {
        // Else a limit on file sizes (ulimit -f) would end the process at once, without an error and with temporary files left behind.
        signal(SIGXFSZ, SIG_IGN)
        do {
            try self.requireUTF8Arguments()
            var command = try root.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try self.finishOutput()
            Foundation.exit(ExitStatus.success.rawValue)
        } catch {
            Foundation.exit(report(error, from: root, asJSON: arguments.contains("--json")))
        }
    }

    /// Writes the rest of what was printed, so that a result that is not whole is no success.
    private static func finishOutput() throws {
        let failure = sealwright_finish_output()
        guard failure == 0 else { throw FileError(.write, path: "standard output", systemError: failure) }
    }

    /// Refuses arguments that are not UTF-8: Swift would repair them, and they would name another file.
    private static func requireUTF8Arguments() throws {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            // Sound: there are `argc` arguments, each ends with a zero, and nothing changes them.
            guard let argument = unsafe CommandLine.unsafeArgv[index], unsafe String(validatingCString: argument) == nil else { continue }
            throw CommandFailure(
                "path-not-utf8", "argument \(index) is not UTF-8: “\(unsafe String(cString: argument))”",
                remedy: "rename the file, or use another path",
                exitStatus: .badData)
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
            let text = self.withoutFarFetchedSuggestion(text)
            let message = self.withoutFarFetchedSuggestion(root.message(for: error))
            StandardError.write(asJSON ? describeAsJSON("usage", message, text) : text + "\n")
        }
        return status.rawValue
    }

    /// Leaves out what ArgumentParser takes for a misspelling: it allows three letters to differ in names of any length, and so takes `--foo`
    /// for `--port`.
    private static func withoutFarFetchedSuggestion(_ text: String) -> String {
        text.replacing(#/Unknown option '--(?<given>[^']*)'(?<suggestion>\. Did you mean '--(?<meant>[^']*)'\?)/#) { match in
            // Three letters are at most half of a name of six; a shorter one must at least begin alike.
            let isFarFetched = match.given.count < 6 && match.given.first != match.meant.first
            return isFarFetched ? "Unknown option '--\(match.given)'" : String(match.0)
        }
    }

    /// One JSON object, for programs that asked for JSON.
    private static func describeAsJSON(_ code: String, _ message: String, _ remedy: String?) -> String {
        // Three texts can always be encoded. What has no remedy says so, so that programs always find the same members.
        (try? JSONText.line(["code": code, "message": message, "remedy": remedy])) ?? "{}\n"
    }

    private static func describe(_ failure: any DiagnosableError) -> String {
        let remedy = failure.remedy.map { "  what to do: \($0)\n" } ?? ""
        return "error: \(failure.message) [\(failure.identifier)]\n\(remedy)"
    }
}
