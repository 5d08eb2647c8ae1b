// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// Where the bytes of a protected file are read from, at any offset and from any thread.
package protocol NodeStorage: Sendable {
    /// Length in bytes.
    var count: Int { get }

    /// Reads up to `count` bytes at `offset`; fewer only at the end.
    func read(at offset: Int, count: Int) throws -> [UInt8]

    /// Fills a buffer from `offset` on and returns the number of bytes; fewer only at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension NodeStorage {
    /// Reads through ``read(at:count:)``.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let bytes = try self.read(at: offset, count: buffer.count)
        precondition(bytes.count <= buffer.count, "a storage gave more than was asked for")
        unsafe buffer.copyBytes(from: bytes)
        return bytes.count
    }
}

/// A protected file on disk.
final class FileNodeStorage: NodeStorage {
    private let file: PlainFile

    init(path: String, followingLinks: Bool = true) throws { self.file = try PlainFile(path: path, followingLinks: followingLinks) }

    var count: Int { self.file.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try unsafe self.file.read(at: offset, into: buffer) }

    func read(at offset: Int, count: Int) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            // Sound: as many bytes are declared initialized as were read; none when the read throws.
            initializedCount = try unsafe self.file.read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

/// A protected file in memory.
struct MemoryNodeStorage: NodeStorage {
    let bytes: [UInt8]

    var count: Int { self.bytes.count }

    func read(at offset: Int, count: Int) -> [UInt8] {
        guard offset < self.bytes.count else { return [] }
        return Array(self.bytes[offset..<min(self.bytes.count, offset + count)])
    }
}
