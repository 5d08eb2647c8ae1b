// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import Testing

@testable import TensorFlowRuntime

@Suite("Reads that overlap")
struct ReadWindowTests {
    /// Longer than the blocks that are kept, and not a multiple of a block.
    private static let plaintext = (0..<3_500_001).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

    private static func window() throws -> ReadWindow {
        let key = WrapKey.random()
        let sealed = try ProtectedFileSealer(key: key).seal(Self.plaintext, mountPath: "shard")
        return ReadWindow(try ProtectedFileReader(bytes: sealed, name: "shard", key: key))
    }

    private static func read(_ window: ReadWindow, _ offset: Int, _ count: Int) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            initializedCount = try unsafe window.read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    @Test("every read has the file's bytes, in whatever order the reads come, and ends with the file")
    func contents() throws {
        let window = try Self.window()
        let block = 512 << 10
        let places = [
            (0, 1), (0, 1 << 20), (block - 1, 2), (300_000, 1 << 20), (block, block), (3 * block - 7, 2 * block), (3_400_000, 1 << 20),
            (3_500_000, 10), (3_500_001, 10), (0, 3_500_001), (1_000_000, 4 << 20), (17, 0), (100, block),
        ]
        for (offset, count) in places {
            let expected = Array(Self.plaintext[offset..<min(Self.plaintext.count, offset + count)])
            #expect(try Self.read(window, offset, count) == expected, "\(count) bytes at \(offset)")
        }
    }

    @Test("a damaged block is refused each time, and the others are read")
    func damaged() throws {
        let key = WrapKey.random()
        var sealed = try ProtectedFileSealer(key: key).seal(Self.plaintext, mountPath: "shard")
        sealed[sealed.count - 2048] ^= 1
        let window = ReadWindow(try ProtectedFileReader(bytes: sealed, name: "shard", key: key))
        for _ in 0..<2 {
            let error = #expect(throws: ProtectedFileError.self) { try Self.read(window, 3_400_000, 100_000) }
            #expect(error?.code == .dataAuthentication)
        }
        #expect(try Self.read(window, 1_000_000, 1 << 20) == Array(Self.plaintext[1_000_000..<2_048_576]))
    }
}
