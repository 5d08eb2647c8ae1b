// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import CNodeCipher
internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// AES-128-GCM as the format uses it: 16-byte tags, no associated data, an IV of zero for nodes; always in place.
///
/// The fast implementation calls BoringSSL, which swift-crypto brings along but does not promise; the portable one uses
/// swift-crypto's own interface at a third of the speed. Everything that depends on either is here.
package enum NodeCipher: Sendable, CaseIterable {
    case boringSSL
    case swiftCrypto

    /// What this build has.
    package static let available: [NodeCipher] = sealwright_cipher_is_available() ? [.boringSSL, .swiftCrypto] : [.swiftCrypto]
    /// The fastest that this build has.
    package static let current = Self.available[0]

    /// Fills memory with random bytes of which keys can be made.
    package func randomize(_ bytes: UnsafeMutableRawBufferPointer) {
        switch self {
        case .boringSSL:
            guard let start = unsafe Self.pointer(bytes) else { return }
            // Sound: the call fills exactly the buffer.
            precondition(unsafe sealwright_cipher_random(start, bytes.count), "BoringSSL has no random numbers")
        case .swiftCrypto:
            var generator = SystemRandomNumberGenerator()
            for index in bytes.indices { unsafe bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        }
    }

    /// Makes random bytes of which keys can be made.
    func randomBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // Sound: the pointer stays inside the closure.
        unsafe bytes.withUnsafeMutableBytes { unsafe self.randomize($0) }
        return bytes
    }

    /// Encrypts bytes under a key and IV that were never used together before.
    ///
    /// - Parameters:
    ///   - bytes: the plaintext, then the ciphertext.
    ///   - key: 16 bytes.
    ///   - iv: 12 bytes.
    ///   - tag: where the 16 bytes of the tag go.
    func seal(
        _ bytes: UnsafeMutableRawBufferPointer, key: UnsafeRawBufferPointer, iv: [UInt8], tag: UnsafeMutableRawBufferPointer
    ) {
        precondition(key.count == NodeKey.byteCount && iv.count == Self.ivByteCount && tag.count == NodeKey.tagByteCount)
        switch self {
        case .boringSSL:
            // Sound: sizes of key, IV and tag were checked, and the bytes are encrypted where they lie.
            let done = unsafe sealwright_cipher_seal(
                Self.pointer(key), iv, Self.pointer(bytes), bytes.count, Self.pointer(bytes), Self.pointer(tag))
            precondition(done, "BoringSSL cannot encrypt")
        case .swiftCrypto:
            let symmetricKey = unsafe SymmetricKey(data: key)
            guard let nonce = try? AES.GCM.Nonce(data: iv),
                let box = try? unsafe AES.GCM.seal(UnsafeRawBufferPointer(bytes), using: symmetricKey, nonce: nonce)
            else { preconditionFailure("swift-crypto cannot encrypt") }
            unsafe box.ciphertext.copyBytes(to: bytes)
            unsafe box.tag.copyBytes(to: tag)
        }
    }

    /// Decrypts bytes; `false`, with zeros in their place, when the tag is wrong.
    func open(
        _ bytes: UnsafeMutableRawBufferPointer, key: UnsafeRawBufferPointer, iv: [UInt8], tag: UnsafeRawBufferPointer
    ) -> Bool {
        precondition(key.count == NodeKey.byteCount && iv.count == Self.ivByteCount && tag.count == NodeKey.tagByteCount)
        switch self {
        case .boringSSL:
            // Sound: as for sealing.
            return unsafe sealwright_cipher_open(
                Self.pointer(key), iv, Self.pointer(bytes), bytes.count, Self.pointer(tag), Self.pointer(bytes))
        case .swiftCrypto:
            guard let nonce = try? AES.GCM.Nonce(data: iv),
                let box = try? unsafe AES.GCM.SealedBox(nonce: nonce, ciphertext: UnsafeRawBufferPointer(bytes), tag: tag),
                var plaintext = try? unsafe AES.GCM.open(box, using: SymmetricKey(data: key))
            else {
                unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
                return false
            }
            unsafe plaintext.copyBytes(to: bytes)
            // The library's buffer is not wiped when freed; it may hold keys. It has no other owner, so this writes in place.
            plaintext.resetBytes(in: plaintext.startIndex..<plaintext.endIndex)
            return true
        }
    }

    /// Encrypts whole nodes, each under the key in its entry, and puts the tags into the entries.
    ///
    /// - Parameters:
    ///   - nodes: the nodes, one after the other.
    ///   - entries: as many entries, one after the other, with fresh keys.
    package func sealNodes(_ nodes: UnsafeMutableRawBufferPointer, entries: UnsafeMutableRawBufferPointer) {
        let count = nodes.count / NodeGeometry.nodeSize
        precondition(nodes.count % NodeGeometry.nodeSize == 0 && entries.count >= count * NodeEntry.byteCount)
        switch self {
        case .boringSSL:
            // Sound: there are `count` nodes and at least as many entries.
            let done = unsafe sealwright_cipher_seal_nodes(Self.pointer(entries), Self.pointer(nodes), count, NodeGeometry.nodeSize)
            precondition(done, "BoringSSL cannot encrypt")
        case .swiftCrypto:
            for index in 0..<count {
                // Sound: slicing is bounds-checked, and the two parts of an entry do not overlap.
                let entry = unsafe UnsafeMutableRawBufferPointer(rebasing: entries[index * NodeEntry.byteCount..<(index + 1) * NodeEntry.byteCount])
                unsafe self.seal(
                    UnsafeMutableRawBufferPointer(rebasing: nodes[index * NodeGeometry.nodeSize..<(index + 1) * NodeGeometry.nodeSize]),
                    key: UnsafeRawBufferPointer(rebasing: entry[..<NodeKey.byteCount]), iv: Self.zeroIV,
                    tag: UnsafeMutableRawBufferPointer(rebasing: entry[NodeKey.byteCount...]))
            }
        }
    }

    /// Decrypts whole nodes by their entries.
    ///
    /// - Returns: how many nodes were authentic, counted up to the first that was not; that one is zeros and the others after it
    ///   are as they were.
    package func openNodes(_ nodes: UnsafeMutableRawBufferPointer, entries: UnsafeRawBufferPointer) -> Int {
        let count = nodes.count / NodeGeometry.nodeSize
        precondition(nodes.count % NodeGeometry.nodeSize == 0 && entries.count >= count * NodeEntry.byteCount)
        switch self {
        case .boringSSL:
            // Sound: as for sealing.
            return unsafe sealwright_cipher_open_nodes(Self.pointer(entries), Self.pointer(nodes), count, NodeGeometry.nodeSize)
        case .swiftCrypto:
            for index in 0..<count {
                let entry = unsafe UnsafeRawBufferPointer(rebasing: entries[index * NodeEntry.byteCount..<(index + 1) * NodeEntry.byteCount])
                let isAuthentic = unsafe self.open(
                    UnsafeMutableRawBufferPointer(rebasing: nodes[index * NodeGeometry.nodeSize..<(index + 1) * NodeGeometry.nodeSize]),
                    key: UnsafeRawBufferPointer(rebasing: entry[..<NodeKey.byteCount]), iv: Self.zeroIV,
                    tag: UnsafeRawBufferPointer(rebasing: entry[NodeKey.byteCount...]))
                guard isAuthentic else { return index }
            }
            return count
        }
    }

    static let ivByteCount = 12
    static let zeroIV = [UInt8](repeating: 0, count: ivByteCount)

    // Sound, both: the pointer is only passed on to C functions that read and write bytes, beside the buffer it was taken from.
    private static func pointer(_ buffer: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }

    private static func pointer(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}
