// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ProtectedFiles

@Suite("FileSealing")
struct FileSealingTests {
    /// Seals samples, with all entries parked in the sink unless told otherwise.
    private static func seal(_ size: Int, to sink: some NodeSink, jobs: Int = 2, entryLimit: Int = 0) throws {
        let sealing = FileSealing(
            key: Samples.key, path: try EmbeddedPath(normalizing: "s"), version: .version1, source: RandomAccessSource(Samples.plaintext(size)),
            sink: sink, entryLimit: entryLimit)
        #expect(try sealing.run(jobs: jobs, buffer: NodeBuffer(nodes: FileSealing.bufferNodes)).size == size)
    }

    @Test("no key is left readable in the output while the sealing goes on")
    func parkedKeys() throws {
        let sink = RecordingSink()
        try Self.seal(1_000_000, to: sink)
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

    @Test("entries kept in memory and parked in the output give the same file", arguments: [0, 1, 2, 3, 100], [1, 2, 5])
    func entryLimits(limit: Int, jobs: Int) throws {
        let sink = RecordingSink()
        try Self.seal(1_300_000, to: sink, jobs: jobs, entryLimit: limit)
        let reader = try ProtectedFileReader(bytes: sink.bytes, name: "s", key: Samples.key)
        #expect(try reader.read(at: 0, count: .max) == Samples.plaintext(1_300_000))
    }

    @Test("the metadata are written last, so that an unfinished file is none", arguments: [10, 3072, 10_000, 396_288, 1_000_000])
    func order(size: Int) throws {
        let sink = RecordingSink()
        try Self.seal(size, to: sink)
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

    @Test(
        "a pipe of unknown length is sealed to its end, at every boundary of the layout",
        arguments: [0, 1, 3071, 3072, 3073, 7168, 396_287, 396_288, 396_289, 789_504, 1_500_000])
    func unknownLength(size: Int) throws {
        let scratch = try ScratchFolder()
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let plaintext = Samples.plaintext(size)
        let (reading, writing) = (ends[0], ends[1])
        let writer = Thread {
            // In odd pieces, as pipes come.
            for start in stride(from: 0, to: plaintext.count, by: 70_001) {
                let handle = FileHandle(fileDescriptor: writing)
                handle.write(Data(plaintext[start..<min(plaintext.count, start + 70_001)]))
            }
            close(writing)
        }
        writer.start()
        let summary = try ProtectedFileSealer(key: Samples.key, jobs: 3).seal(descriptor: reading, to: scratch.file("out"), mountPath: "p")
        close(reading)
        #expect(summary.bytes == size)
        let reader = try ProtectedFileReader(path: scratch.file("out"), key: Samples.key, expectedPath: "p")
        #expect(try reader.read(at: 0, count: .max) == plaintext)
    }
}

/// Keeps every write, and may give back something else than was written.
private final class RecordingSink: NodeSink {
    private let inner = MemoryNodeSink()
    private let flipsReads: Bool
    private let recorded = Mutex<[(offset: Int, bytes: [UInt8])]>([])

    init(flipsReads: Bool = false) { self.flipsReads = flipsReads }

    var bytes: [UInt8] { self.inner.bytes }

    var writes: [(offset: Int, bytes: [UInt8])] { self.recorded.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        unsafe self.inner.write(bytes, at: offset)
        let copy = unsafe Array(bytes)
        self.recorded.withLock { $0.append((offset, copy)) }
    }

    func read(at offset: Int, count: Int) -> [UInt8] {
        var bytes = self.inner.read(at: offset, count: count)
        if self.flipsReads { bytes[0] ^= 1 }
        return bytes
    }
}
