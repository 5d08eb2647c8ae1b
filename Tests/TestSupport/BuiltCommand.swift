// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess
import SystemPackage

/// Runs the `sealwright` executable of this build, as a user would.
package enum BuiltCommand {
    /// What a finished run printed and how it ended.
    package struct Result: Sendable {
        package let status: Int32
        package let output: String
        package let error: String
    }

    /// The executable, beside the test bundle.
    package static let path: String = {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return bundle.appendingPathComponent("sealwright").path
    }()

    /// Runs one command to its end.
    package static func run(_ arguments: String..., workingDirectory: String? = nil, environment: [String: String] = [:]) async throws -> Result {
        try await self.run(arguments, workingDirectory: workingDirectory, environment: environment)
    }

    /// Runs one command to its end.
    package static func run(_ arguments: [String], workingDirectory: String? = nil, environment: [String: String] = [:]) async throws -> Result {
        try await self.run(Self.path, arguments, workingDirectory: workingDirectory, environment: environment)
    }

    /// Runs a shell script, for what only a shell can do; the executable is `$sealwright` in it.
    package static func shell(_ script: String, workingDirectory: String? = nil) async throws -> Result {
        try await self.run("/bin/sh", ["-c", script], workingDirectory: workingDirectory, environment: ["sealwright": Self.path])
    }

    private static func run(
        _ program: String, _ arguments: [String], workingDirectory: String?, environment: [String: String]
    ) async throws -> Result {
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(rawValue: $0)!, $1) })),
            workingDirectory: workingDirectory.map { FilePath($0) },
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return Result(status: status, output: result.standardOutput, error: result.standardError)
    }
}
