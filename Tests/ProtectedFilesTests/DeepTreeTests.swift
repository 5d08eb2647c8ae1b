// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import Synchronization
import Testing

/// A file with a tree of three levels: the smallest, of 3204 nodes.
///
/// On the way to its last byte lie five of them: the metadata, the root, tree node 1, tree node 33 and the last data node.
@Suite("A key tree of three levels")
struct DeepTreeTests {
    private static let plaintext = Samples.plaintext(3072 + 4096 * 96 * 33 + 1)
    private static let sealed = (try? ProtectedFileSealer(key: Samples.key).seal(plaintext, mountPath: "deep")) ?? []
    private static let lastByte = plaintext.count - 1

    /// A reader that keeps no nodes, so that it reads and checks everything each time.
    private static func reader(_ storage: some NodeStorage) throws -> ProtectedFileReader {
        try ProtectedFileReader(
            storage: storage, name: "deep", key: Samples.key, limits: ProtectedFileReader.CacheLimits(treeNodes: 0, dataNodes: 0))
    }

    @Test("it is written and read")
    func roundTrip() throws {
        #expect(Self.sealed.count == 3204 * 4096)
        #expect(try ProtectedFileReader(bytes: Self.sealed, name: "deep", key: Samples.key).read(at: 0, count: .max) == Self.plaintext)
    }

    @Test(
        "each single flipped bit on the way to the last byte is refused where it lies, but for those that nothing depends on",
        arguments: [(0, "metadata-auth"), (1, "mht-auth"), (98, "mht-auth"), (3202, "mht-auth"), (3203, "data-auth")])
    func everyBitOnTheWay(node: Int, code: String) throws {
        let storage = ChangingStorage(Self.sealed)
        // Metadata and root are read when a file is opened, the others each time.
        let kept = node > 1 ? try Self.reader(storage) : nil
        for bit in 0..<4096 * 8 {
            let offset = bit / 8
            storage.flip(bit: bit % 8, at: node * 4096 + offset)
            let result = Result { try (kept ?? Self.reader(storage)).read(at: Self.lastByte, count: 1) }
            storage.flip(bit: bit % 8, at: node * 4096 + offset)
            // Minor version and padding: read by nobody.
            if node == 0, offset == 9 || offset >= 3942 {
                try #require(try result.get() == [Self.plaintext[Self.lastByte]], "bit \(bit) changes the plaintext")
            } else {
                let expected = node > 0 || offset > 9 ? code : offset == 8 ? "bad-version" : "bad-magic"
                let error = #expect(throws: ProtectedFileError.self) { try result.get() }
                try #require(error?.code.description == expected, "bit \(bit) of node \(node)")
            }
        }
        #expect(try Self.reader(storage).read(at: Self.lastByte, count: 1) == [Self.plaintext[Self.lastByte]])
    }

    @Test("a flipped bit in any node but the first is refused, by every read that needs the node")
    func everyNode() throws {
        let storage = ChangingStorage(Self.sealed)
        let reader = try Self.reader(storage)
        for node in 2..<3204 {
            let (group, place) = (node - 1).quotientAndRemainder(dividingBy: 97)
            // Of a tree node, its first data node is read.
            let dataNode = group * 96 + max(0, place - 1)
            let offset = node * 4096 + node * 1237 % 4096
            storage.flip(bit: node % 8, at: offset)
            defer { storage.flip(bit: node % 8, at: offset) }
            let error = #expect(throws: ProtectedFileError.self) { try reader.read(at: 3072 + dataNode * 4096, count: 1) }
            #expect(error?.code == (place == 0 ? .treeAuthentication : .dataAuthentication))
            #expect(error?.message.contains("byte \(node * 4096),") == true)
        }
    }

    @Test("it is refused at every length at which a node begins, and one byte before and after")
    func everyTruncation() {
        let storage = ChangingStorage(Self.sealed)
        for node in 0..<3204 {
            for difference in [-1, 0, 1] where node + difference >= 0 {
                storage.count = node * 4096 + difference
                let error = #expect(throws: ProtectedFileError.self) { try Self.reader(storage) }
                #expect(error?.code == (difference == 0 ? .truncated : .badSize))
            }
        }
    }
}

/// A file in memory of which bits can be flipped, and which can be cut off, while it is open.
private final class ChangingStorage: NodeStorage {
    private let content: Mutex<[UInt8]>
    private let length: Atomic<Int>

    init(_ bytes: [UInt8]) {
        self.content = Mutex(bytes)
        self.length = Atomic(bytes.count)
    }

    var count: Int {
        get { self.length.load(ordering: .relaxed) }
        set { self.length.store(newValue, ordering: .relaxed) }
    }

    func flip(bit: Int, at offset: Int) { self.content.withLock { $0[offset] ^= UInt8(1 << bit) } }

    func read(at offset: Int, count: Int) -> [UInt8] {
        self.content.withLock { content in Array(content[min(offset, self.count)..<min(self.count, offset + count)]) }
    }
}
