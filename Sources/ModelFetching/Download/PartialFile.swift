// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What has come of a file so far, kept beside its destination, so that a broken download goes on where it stopped.
///
/// `PATH.partial` has the bytes and `PATH.partial.source` tells what they are: the address and the server's tag of the version.
struct PartialFile: ~Copyable {
    private static let chunkSize = 1 << 20

    private let path: String
    private let handle: FileHandle
    private var digest = SHA256()
    /// Number of bytes so far.
    private(set) var count = 0
    /// The server's tag of the version that the bytes are of, if it gave one that promises equality.
    private(set) var tag: String?

    private var partialPath: String { self.path + ".partial" }
    private var sourcePath: String { self.path + ".partial.source" }

    /// Opens what an earlier download of the same address left, or begins anew.
    static func open(path: String, url: String) throws -> PartialFile {
        var file = PartialFile(path: path, handle: try Self.handle(path + ".partial"))
        let source = (try? InputFile.readAll(path + ".partial.source", limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
        let lines = source?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
        if lines.count == 2, lines[0] == url {
            try file.takeOver(tag: lines[1].isEmpty ? nil : lines[1])
        } else {
            try file.restart()
        }
        return file
    }

    private init(path: String, handle: FileHandle) {
        self.path = path
        self.handle = handle
    }

    private static func handle(_ path: String) throws -> FileHandle {
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError(.create, path: path) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Reads what is there.
    private mutating func takeOver(tag: String?) throws {
        self.tag = tag
        while let chunk = try self.handle.read(upToCount: Self.chunkSize), !chunk.isEmpty {
            self.digest.update(data: chunk)
            self.count += chunk.count
        }
    }

    /// Forgets what has come.
    mutating func restart() throws {
        try self.handle.truncate(atOffset: 0)
        self.digest = SHA256()
        self.count = 0
        self.tag = nil
    }

    /// Notes whose bytes are coming.
    mutating func note(url: String, tag: String?) throws {
        self.tag = tag
        try OutputFile.write(Array("\(url)\n\(tag ?? "")".utf8), to: self.sourcePath, permissions: 0o644, replacing: true)
    }

    mutating func append(_ bytes: some Sequence<UInt8>) throws {
        let data = Data(bytes)
        try self.handle.write(contentsOf: data)
        self.digest.update(data: data)
        self.count += data.count
    }

    /// SHA-256 of the bytes so far.
    var sha256: [UInt8] { Array(self.digest.finalize()) }

    /// Gives the file its name.
    ///
    /// - Throws: a file error, `output-exists` when it is there and may not be replaced.
    consuming func publish(replacing: Bool) throws {
        try self.handle.synchronize()
        if replacing {
            guard unsafe rename(self.partialPath, self.path) == 0 else { throw FileError(.publish, path: self.path) }
        } else {
            // link(2) refuses to replace, which rename(2) cannot.
            guard unsafe link(self.partialPath, self.path) == 0 else { throw FileError(.publish, path: self.path) }
            unsafe unlink(self.partialPath)
        }
        unsafe unlink(self.sourcePath)
    }

    /// Removes what has come: it is of no use to a later try.
    consuming func discard() {
        unsafe unlink(self.partialPath)
        unsafe unlink(self.sourcePath)
    }
}
