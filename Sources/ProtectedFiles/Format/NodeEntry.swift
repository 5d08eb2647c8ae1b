// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// What a parent knows of a node: its key and its tag, 16 bytes each.
struct NodeEntry: Sendable {
    static let byteCount = NodeKey.byteCount + NodeKey.tagByteCount

    let key: NodeKey
    let tag: [UInt8]

    init(key: NodeKey, tag: [UInt8]) {
        self.key = key
        self.tag = tag
    }

    /// Takes apart the 32 bytes of an entry.
    init(decoding bytes: Span<UInt8>) {
        self.key = NodeKey(bytes.extracting(0..<NodeKey.byteCount))
        self.tag = [UInt8](copying: bytes.extracting(NodeKey.byteCount..<Self.byteCount))
    }

    /// Puts the entry into its place in a parent.
    func encode(into parent: inout [UInt8], at offset: Int) {
        self.key.withBytes { key in
            for index in key.indices { parent[offset + index] = key[index] }
        }
        parent.replaceSubrange(offset + NodeKey.byteCount..<offset + Self.byteCount, with: self.tag)
    }

    /// The entry of a file that has no key tree.
    static var none: NodeEntry {
        let zeros = [UInt8](repeating: 0, count: NodeKey.byteCount)
        return NodeEntry(key: NodeKey(zeros.span), tag: zeros)
    }

    /// Decrypts the node that the entry stands for; `nil` when it is not the one.
    func open(_ ciphertext: Span<UInt8>) -> DecryptedNode? {
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        defer { wipe(&plaintext) }
        let isAuthentic = unsafe plaintext.withUnsafeMutableBytes { unsafe self.key.open(ciphertext, tag: self.tag.span, into: $0) }
        return isAuthentic ? DecryptedNode(plaintext.span) : nil
    }
}
