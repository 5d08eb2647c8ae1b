// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A file or folder of a wheel, to be unpacked.
package struct WheelContents: Sendable {
    /// More than this is not unpacked.
    private static let sizeLimit = 1 << 31

    private let archive: ZipArchive
    private let path: String

    /// Finds the file or the folder at `path` in the wheel.
    ///
    /// - Throws: ``FetchError`` `bad-archive`, `not-in-archive`.
    package init(wheel: [UInt8], path: String) throws(FetchError) {
        self.archive = try ZipArchive(wheel)
        self.path = path
        guard self.archive.entries.contains(where: { self.isPart($0.name) }) else {
            throw FetchError("not-in-archive", "the wheel has no \(path)", remedy: "check the version", exitStatus: .badData)
        }
    }

    private func isPart(_ name: String) -> Bool { name == self.path || name.hasPrefix(self.path + "/") }

    /// Unpacks to `output`, which becomes a file or a folder, whole or not at all.
    ///
    /// - Throws: ``FetchError`` `bad-archive`, also for a name that leads out of the folder; or a file error.
    package func unpack(to output: String, replacing: Bool) throws {
        if let file = self.archive.entries.first(where: { $0.name == self.path }) {
            return try OutputFile.write(
                try self.archive.contents(of: file, limit: Self.sizeLimit), to: output, permissions: 0o644, replacing: replacing)
        }
        let folder = try OutputFolder(path: output, replacing: replacing)
        var total = 0
        for entry in self.archive.entries where self.isPart(entry.name) && !entry.name.hasSuffix("/") {
            let name = String(entry.name.dropFirst(self.path.count + 1))
            guard !name.hasPrefix("/"),
                !name.split(separator: "/", omittingEmptySubsequences: false).contains(where: { ["", ".", ".."].contains($0) })
            else { throw FetchError.badArchive("the name “\(entry.name)” leads out of its folder") }
            total += entry.size
            guard total <= Self.sizeLimit else { throw FetchError.badArchive("its files are larger than \(Self.sizeLimit) bytes together") }
            try folder.write(try self.archive.contents(of: entry), to: name, permissions: 0o644)
        }
        try folder.commit()
    }
}
