internal import ByteCoding
internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The key of one node, and the cipher that uses it: AES-128-GCM with 16-byte tags, no associated data and an IV of zero.
///
/// The constant IV is sound only because a key encrypts one content, once. So a key for sealing is made by
/// ``random()`` or derived from a fresh nonce, and never kept for a second write. Everything that depends on the cryptographic
/// library's interface is here.
struct NodeKey: Sendable {
    static let byteCount = 16
    static let tagByteCount = 16

    private let key: SymmetricKey

    init(_ key: SymmetricKey) { self.key = key }

    /// Takes a copy of 16 bytes.
    init(_ bytes: Span<UInt8>) { self.key = SymmetricKey(copying: bytes) }

    /// A fresh key.
    static func random() -> NodeKey { NodeKey(SymmetricKey(size: .bits128)) }

    func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result { try self.key.withSpan(body) }

    /// Encrypts a node's content and appends the ciphertext to `output`.
    ///
    /// - Parameters:
    ///   - plaintext: the content.
    ///   - output: where the ciphertext goes, which is as long as the content.
    ///   - sequence: zero, but where one key encrypts several contents, each with a number of its own.
    /// - Returns: the tag.
    /// - Throws: a failure of the cryptographic library.
    func seal(_ plaintext: Span<UInt8>, appendingTo output: inout [UInt8], sequence: UInt64 = 0) throws -> [UInt8] {
        let nonce = try Self.nonce(sequence)
        // Sound: the pointer is used only inside the closure, and the library copies what it keeps.
        let box = try unsafe plaintext.withUnsafeBytes { try unsafe AES.GCM.seal($0, using: self.key, nonce: nonce) }
        output.append(contentsOf: box.ciphertext)
        return [UInt8](box.tag)
    }

    /// Decrypts a node's content into memory of the same length; `false`, with nothing written, when the tag is wrong.
    func open(
        _ ciphertext: Span<UInt8>, tag: Span<UInt8>, into destination: UnsafeMutableRawBufferPointer, sequence: UInt64 = 0
    ) -> Bool {
        precondition(destination.count == ciphertext.count)
        // Sound: source pointers are used only inside their closures; the copy is of the destination's length.
        return unsafe ciphertext.withUnsafeBytes { ciphertext in
            unsafe tag.withUnsafeBytes { tag -> Bool in
                guard let nonce = try? Self.nonce(sequence),
                    let box = try? unsafe AES.GCM.SealedBox(nonce: nonce, ciphertext: ciphertext, tag: tag),
                    var plaintext = try? AES.GCM.open(box, using: self.key)
                else { return false }
                unsafe plaintext.copyBytes(to: destination)
                // The library's buffer is not wiped when freed; it may hold keys. It has no other owner, so this writes in place.
                plaintext.resetBytes(in: plaintext.startIndex..<plaintext.endIndex)
                return true
            }
        }
    }

    private static func nonce(_ sequence: UInt64) throws -> AES.GCM.Nonce {
        var writer = ByteWriter(reservingCapacity: 12)
        writer.writeLittleEndian(sequence)
        writer.writeZeros(4)
        return try AES.GCM.Nonce(data: writer.bytes)
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
