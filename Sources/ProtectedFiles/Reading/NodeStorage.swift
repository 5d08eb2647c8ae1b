internal import ByteCoding

/// Where the bytes of a protected file are read from, at any offset and from any thread.
package protocol NodeStorage: Sendable {
    /// Length in bytes.
    var count: Int { get }

    /// Reads up to `count` bytes at `offset`; fewer only at the end.
    func read(at offset: Int, count: Int) throws -> [UInt8]
}

/// A protected file on disk.
final class FileNodeStorage: NodeStorage {
    private let file: InputFile

    init(path: String) throws { self.file = try InputFile(path: path) }

    var count: Int { self.file.count }

    func read(at offset: Int, count: Int) throws -> [UInt8] { try self.file.read(at: offset, count: count) }
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
