// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder of its own for a test, removed with the value.
package final class ScratchFolder: Sendable {
    package let path: String

    package init() throws {
        self.path = FileManager.default.temporaryDirectory.appendingPathComponent("sealwright-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// The path of a file in the folder.
    package func file(_ name: String) -> String { "\(self.path)/\(name)" }

    /// Writes a file into the folder, making folders on the way, and returns its path.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let url = URL(fileURLWithPath: self.file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        // For its owner alone: what reads keys refuses others.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
        return url.path
    }

    /// Every file in the folder, hidden ones too, as sorted relative paths.
    package var contents: [String] {
        let all = FileManager.default.enumerator(atPath: self.path)?.allObjects as? [String] ?? []
        return all.sorted()
    }
}
