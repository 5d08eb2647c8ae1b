// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Testing

@testable import ProtectedFiles

@Suite("The metadata node")
struct MetadataTests {
    /// An authentic metadata node with any content.
    private static func node(path: [UInt8], size: UInt64, root: [UInt8] = [UInt8](repeating: 0, count: 32)) throws -> [UInt8] {
        var content = ByteWriter()
        content.write(path)
        content.writeZeros(772 - path.count)
        content.writeLittleEndian(size)
        content.write(root)
        content.write(Samples.plaintext(3072))
        let nonce = [UInt8](repeating: 5, count: 32)
        var ciphertext: [UInt8] = []
        let tag = try MetadataKey.derive(from: Samples.key, nonce: nonce.span).seal(content.bytes.span, appendingTo: &ciphertext)
        var node = ByteWriter()
        node.write(Array("GRAFS_PF".utf8) + [1, 0])
        node.write(nonce)
        node.write(tag)
        node.write(ciphertext)
        node.writeZeros(154)
        return node.bytes
    }

    private static func open(_ bytes: [UInt8]) throws -> ProtectedFileReader {
        try ProtectedFileReader(bytes: bytes, name: "crafted", key: Samples.key)
    }

    @Test("a path that fills its field without an end is refused, one byte less is read")
    func unterminatedPath() throws {
        let error = #expect(throws: ProtectedFileError.self) { try Self.open(try Self.node(path: [UInt8](repeating: 0x61, count: 772), size: 1)) }
        #expect(error?.code == .badPath)
        #expect(try Self.open(try Self.node(path: [UInt8](repeating: 0x61, count: 771), size: 1)).embeddedPath.utf8.count == 771)
    }

    @Test("what lies behind the end in the inline area is not given out, as after a truncation inside Gramine", arguments: [0, 1, 100, 3072])
    func staleInline(size: Int) throws {
        let reader = try Self.open(try Self.node(path: [0x61], size: UInt64(size), root: Samples.plaintext(32)))
        #expect(try reader.read(at: 0, count: .max) == Samples.plaintext(size))
    }

    @Test(
        "an authentic size of which the nodes are missing is truncated, before anything of that size is allocated",
        arguments: [3073, 7169, 1 << 40, (1 << 63) - 1, 1 << 63, UInt64.max] as [UInt64])
    func hostileSize(size: UInt64) throws {
        let alone = #expect(throws: ProtectedFileError.self) { try Self.open(try Self.node(path: [0x61], size: size)) }
        #expect(alone?.code == .truncated)
        let key = NodeKey.random()
        var tree: [UInt8] = []
        let tag = key.seal([UInt8](repeating: 0, count: 4096).span, appendingTo: &tree)
        let root = key.withBytes { [UInt8](copying: $0) } + tag
        let error = #expect(throws: ProtectedFileError.self) { try Self.open(try Self.node(path: [0x61], size: size, root: root) + tree) }
        #expect(error?.code == .truncated)
    }

    @Test("what the layout leaves unused is zero")
    func unused() throws {
        let size = 3072 + 4096 * 96 + 10
        let sealed = try ProtectedFileSealer(key: Samples.key).seal(Samples.plaintext(size), mountPath: "abc")
        let node = { (index: Int) in Array(sealed[index * 4096..<(index + 1) * 4096]) }
        let metadata = try MetadataNode(decoding: node(0).span, of: "f").open(with: Samples.key, of: "f").encode()
        #expect(metadata[3..<772].allSatisfy { $0 == 0 })
        let rootEntry = NodeEntry(decoding: Array(metadata[780..<812]).span)
        let root = try Self.content(of: node(1), rootEntry)
        #expect(root[3104...].allSatisfy { $0 == 0 })
        let child = try Self.content(of: node(98), DecryptedNode(root.span).childEntry(0))
        #expect(child[32...].allSatisfy { $0 == 0 })
        let data = try Self.content(of: node(99), DecryptedNode(child.span).dataEntry(0))
        #expect(data[10...].allSatisfy { $0 == 0 })
    }

    private static func content(of node: [UInt8], _ entry: NodeEntry) throws -> [UInt8] {
        let opened = entry.open(node.span)
        return try #require(opened).withBytes { [UInt8](copying: $0) }
    }
}
