internal import ByteCoding

/// Where the nodes of a file that is being sealed go, in any order.
protocol NodeSink: ~Copyable {
    func write(_ bytes: Span<UInt8>, at offset: Int) throws

    /// Reads back bytes that were written before.
    func read(at offset: Int, count: Int) throws -> [UInt8]
}

/// A file on disk that appears when it is complete.
struct FileNodeSink: NodeSink, ~Copyable {
    private let file: OutputFile

    init(path: String, permissions: UInt32, replacing: Bool) throws {
        self.file = try OutputFile(path: path, permissions: permissions, replacing: replacing)
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws { try self.file.write(bytes, at: offset) }

    func read(at offset: Int, count: Int) throws -> [UInt8] { try self.file.read(at: offset, count: count) }

    consuming func commit() throws { try self.file.commit() }
}

/// A file in memory.
final class MemoryNodeSink: NodeSink {
    private(set) var bytes: [UInt8] = []

    func write(_ bytes: Span<UInt8>, at offset: Int) {
        let end = offset + bytes.count
        if self.bytes.count < end { self.bytes.append(contentsOf: repeatElement(0, count: end - self.bytes.count)) }
        self.bytes.replaceSubrange(offset..<end, with: [UInt8](copying: bytes))
    }

    func read(at offset: Int, count: Int) -> [UInt8] { Array(self.bytes[offset..<offset + count]) }
}
