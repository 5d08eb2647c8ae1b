import Testing

@testable import ProtectedFiles

@Suite("StreamSealer")
struct StreamSealerTests {
    private static func seal(_ size: Int, to sink: some NodeSink) throws -> Int {
        var rest = Samples.plaintext(size)[...]
        let sealer = StreamSealer(key: Samples.key, path: try EmbeddedPath(normalizing: "s"), version: .version1)
        let source = { (count: Int) -> [UInt8] in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        return try sealer.seal(source, to: sink)
    }

    @Test("no key is left readable in the output while the stream goes on")
    func parkedKeys() throws {
        let sink = RecordingSink()
        #expect(try Self.seal(1_000_000, to: sink) == 1_000_000)
        let reader = try ProtectedFileReader(bytes: sink.bytes, name: "s", key: Samples.key)
        #expect(try reader.read(at: 0, count: .max) == Samples.plaintext(1_000_000))
        // Each tree node is written twice, parked and final, and the two have no block in common.
        for tree in 0..<3 {
            let versions = sink.writes.filter { $0.offset == NodeGeometry.physicalNode(ofTree: tree) * 4096 }.map(\.bytes)
            #expect(versions.count == 2)
            let blocks = versions.map { bytes in Set(stride(from: 0, to: bytes.count - 15, by: 16).map { Array(bytes[$0..<$0 + 16]) }) }
            #expect(blocks[0].isDisjoint(with: blocks[1]))
        }
    }

    @Test("the metadata are written last, so that an unfinished file is none")
    func order() throws {
        let sink = RecordingSink()
        _ = try Self.seal(1_000_000, to: sink)
        #expect(sink.writes.last?.offset == 0)
        #expect(sink.writes.filter { $0.offset == 0 }.count == 1)
    }

    @Test("an output that changes while it is written is found out")
    func changedOutput() {
        let sink = RecordingSink(flipsReads: true)
        let error = #expect(throws: ProtectedFileError.self) { try Self.seal(400_000, to: sink) }
        #expect(error?.code == .treeAuthentication)
        #expect(error?.remedy?.contains("nobody else writes") == true)
    }
}

/// Keeps every write, and may give back something else than was written.
private final class RecordingSink: NodeSink {
    private let inner = MemoryNodeSink()
    private let flipsReads: Bool
    private(set) var writes: [(offset: Int, bytes: [UInt8])] = []

    init(flipsReads: Bool = false) { self.flipsReads = flipsReads }

    var bytes: [UInt8] { self.inner.bytes }

    func write(_ bytes: Span<UInt8>, at offset: Int) {
        self.inner.write(bytes, at: offset)
        self.writes.append((offset, bytes.indices.map { bytes[$0] }))
    }

    func read(at offset: Int, count: Int) -> [UInt8] {
        var bytes = self.inner.read(at: offset, count: count)
        if self.flipsReads { bytes[0] ^= 1 }
        return bytes
    }
}
