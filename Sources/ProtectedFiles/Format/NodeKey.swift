// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Crypto

/// The key of one node.
///
/// The constant IV of the format is sound only because a key encrypts one content, once. So a key for sealing is made by
/// ``random()`` or derived from a fresh nonce, and never kept for a second write.
struct NodeKey: Sendable {
    static let byteCount = 16
    static let tagByteCount = 16

    private let key: SymmetricKey

    init(_ key: SymmetricKey) { self.key = key }

    /// Takes a copy of 16 bytes.
    init(_ bytes: Span<UInt8>) { self.key = SymmetricKey(copying: bytes) }

    /// A fresh key.
    static func random() -> NodeKey {
        // One call of the system's generator; `SymmetricKey(size:)` makes one for every eight bytes.
        var bytes = NodeCipher.current.randomBytes(Self.byteCount)
        defer { wipe(&bytes) }
        return NodeKey(bytes.span)
    }

    func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result { try self.key.withSpan(body) }

    /// Encrypts a node's content and appends the ciphertext to `output`.
    ///
    /// - Parameters:
    ///   - plaintext: the content.
    ///   - output: where the ciphertext goes, which is as long as the content.
    ///   - sequence: zero, but where one key encrypts several contents, each with a number of its own.
    /// - Returns: the tag.
    func seal(_ plaintext: Span<UInt8>, appendingTo output: inout [UInt8], sequence: UInt64 = 0) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: Self.tagByteCount)
        let start = output.count
        output.append(copying: plaintext)
        // Sound: pointers are used only inside their closures, and slicing is bounds-checked.
        unsafe output.withUnsafeMutableBytes { output in
            let place = unsafe UnsafeMutableRawBufferPointer(rebasing: output[start...])
            unsafe self.key.withUnsafeBytes { key in
                unsafe tag.withUnsafeMutableBytes { unsafe NodeCipher.current.seal(place, key: key, iv: Self.iv(sequence), tag: $0) }
            }
        }
        return tag
    }

    /// Decrypts a node's content into memory of the same length; `false`, with zeros written, when the tag is wrong.
    func open(
        _ ciphertext: Span<UInt8>, tag: Span<UInt8>, into destination: UnsafeMutableRawBufferPointer, sequence: UInt64 = 0
    ) -> Bool {
        precondition(destination.count == ciphertext.count)
        // Sound: source pointers are used only inside their closures; the copy is of the destination's length.
        return unsafe ciphertext.withUnsafeBytes { ciphertext in
            unsafe destination.copyMemory(from: ciphertext)
            return unsafe tag.withUnsafeBytes { tag in
                unsafe self.key.withUnsafeBytes { unsafe NodeCipher.current.open(destination, key: $0, iv: Self.iv(sequence), tag: tag) }
            }
        }
    }

    private static func iv(_ sequence: UInt64) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: NodeCipher.ivByteCount)
        writer.writeLittleEndian(sequence)
        writer.writeZeros(NodeCipher.ivByteCount - writer.bytes.count)
        return writer.bytes
    }
}

extension SymmetricKey {
    init(copying bytes: Span<UInt8>) {
        // Sound: the bytes are copied before the closure ends.
        self = unsafe bytes.withUnsafeBytes { unsafe SymmetricKey(data: $0) }
    }

    func withSpan<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        // Sound: the span cannot outlive the closure, in which the key's storage stays where it is.
        try unsafe self.withUnsafeBytes { buffer in
            try body(unsafe Span(_unsafeElements: buffer.bindMemory(to: UInt8.self)))
        }
    }
}
