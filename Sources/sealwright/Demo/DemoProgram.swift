// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess
import SystemPackage

/// Runs programs for the demo: this very executable, or Python's pip.
struct DemoProgram: Sendable {
    let executable: Executable
    /// How the program is called in the lines that the demo prints.
    let name: String
    let console: DemoConsole

    /// This executable, as a user would start it.
    static func sealwright(console: DemoConsole) throws -> DemoProgram {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return DemoProgram(executable: .path(FilePath(path)), name: "sealwright", console: console)
    }

    /// Python, whose pip knows how to fetch a wheel from the index that this machine is set up for.
    static func python(console: DemoConsole) -> DemoProgram {
        DemoProgram(executable: .name("python3"), name: "python3", console: console)
    }

    /// What a finished program printed and how it ended.
    struct Outcome: Sendable {
        let status: TerminationStatus
        let output: String
        let error: String
    }

    /// Runs the program to its end, whatever that is.
    func outcome(of arguments: [String]) async throws -> Outcome {
        self.console.command([self.name] + arguments)
        let result = try await Subprocess.run(
            self.executable, arguments: Arguments(arguments), platformOptions: Self.endWithTask,
            output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// Runs the program and returns what it printed.
    ///
    /// - Throws: ``DemoFailure`` with the program's own words when it fails.
    @discardableResult
    func run(_ arguments: String...) async throws -> String {
        let outcome = try await self.outcome(of: arguments)
        guard outcome.status.isSuccess else {
            throw DemoFailure("\(self.name) \(arguments.first ?? "") failed:\n\(outcome.error)")
        }
        if !outcome.error.isEmpty { self.console.note(outcome.error) }
        return outcome.output
    }

    /// Runs a server for as long as `body` runs.
    ///
    /// The server has to print a line `ready ADDRESS:PORT` on its standard output. Its standard error goes to `log`.
    func serving<Result: Sendable>(
        _ arguments: [String], log: String, body: @escaping @Sendable (DemoServer) async throws -> Result
    ) async throws -> Result {
        self.console.command([self.name] + arguments)
        let logFile = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
        let outcome = try await Subprocess.run(
            self.executable, arguments: Arguments(arguments), platformOptions: Self.endWithTask, input: .none, output: .sequence,
            error: .fileDescriptor(logFile, closeAfterSpawningProcess: true)
        ) { execution in
            var server: DemoServer?
            for try await line in execution.standardOutput.strings() {
                server = DemoServer(readyLine: line)
                if server != nil { break }
            }
            guard let server else {
                throw DemoFailure("\(self.name) \(arguments.prefix(2).joined(separator: " ")) did not start:\n\(Self.tail(of: log))")
            }
            do {
                let result = try await body(server)
                await execution.teardown(using: Self.gently)
                return result
            } catch {
                await execution.teardown(using: Self.gently)
                throw error
            }
        }
        return outcome.closureResult
    }

    private static let gently: [TeardownStep] = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]

    /// A cancelled demo takes its programs with it.
    private static var endWithTask: PlatformOptions {
        var options = PlatformOptions()
        options.teardownSequence = Self.gently
        return options
    }

    /// The end of a log file, for a failure's explanation.
    private static func tail(of log: String) -> String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? "(no log)"
        return text.split(separator: "\n").suffix(12).joined(separator: "\n")
    }
}
