// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A file system of a few megabytes in memory, to be filled.
enum SmallDisk {
    /// Whether this process may mount one, as root may outside of most containers.
    static let isAllowed: Bool = {
        guard geteuid() == 0, let folder = try? ScratchFolder() else { return false }
        guard (try? ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path])) == 0 else { return false }
        return (try? ChildProcess.run("umount", [folder.path])) == 0
    }()

    /// Mounts one for as long as `body` runs.
    static func with(at path: String, megabytes: Int, _ body: (String) async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard try ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=700", "tmpfs", path]) == 0 else { throw NotMounted() }
        do {
            try await body(path)
        } catch {
            _ = try? ChildProcess.run("umount", ["--lazy", path])
            throw error
        }
        _ = try ChildProcess.run("umount", ["--lazy", path])
    }

    struct NotMounted: Error {}

    /// Writes a file until the disk is full.
    static func fill(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else { return }
        defer { try? file.close() }
        for size in [4096, 512, 1] {
            let block = Data(repeating: 0, count: size)
            while (try? file.write(contentsOf: block)) != nil {}
        }
    }
}
