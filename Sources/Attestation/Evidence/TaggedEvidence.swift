// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto

/// The value of the TCG DICE tagged evidence extension, as Gramine 1.8 and later write it.
///
/// CBOR: tag 60000, array of two byte strings: the quote, and the encoded claims, a map from claim names. The quote's report
/// data is the SHA-256 of the claims exactly as they are encoded, and the claim `pubkey-hash` names the certificate's key.
package struct TaggedEvidence: Hashable, Sendable {
    /// The tag that marks evidence of Intel SGX and TDX.
    static let tag: UInt64 = 60000
    /// The claim that binds the quote to a key.
    static let keyHashClaim = "pubkey-hash"

    let quote: [UInt8]
    /// The claims as received; their hash is what the quote attests.
    let claims: [UInt8]
    let keyHash: KeyHash

    /// A hash of the DER SubjectPublicKeyInfo of a certificate.
    struct KeyHash: Hashable, Sendable {
        /// Hash functions, numbered as in IANA's Named Information registry.
        enum Algorithm: UInt64, Sendable {
            case sha256 = 1
            case sha384 = 7
            case sha512 = 8
        }

        let algorithm: Algorithm
        let digest: [UInt8]

        /// Whether this is the hash of `subjectPublicKeyInfo`.
        func matches(_ subjectPublicKeyInfo: [UInt8]) -> Bool {
            constantTimeEquals(self.digest.span, self.algorithm.hash(subjectPublicKeyInfo).span)
        }
    }

    /// Claims for a key, with its SHA-256.
    init(quote: [UInt8], claims: [UInt8]) throws(EvidenceError) {
        self.quote = quote
        self.claims = claims
        self.keyHash = try Self.keyHash(inClaims: claims)
    }

    package init(decoding bytes: Span<UInt8>) throws(EvidenceError) {
        let quote: [UInt8]
        let claims: [UInt8]
        do {
            var reader = CBORReader(bytes)
            let tag = try reader.readTag()
            guard tag == Self.tag else { throw EvidenceError(.malformedEvidence, "evidence has CBOR tag \(tag), \(Self.tag) wanted") }
            let count = try reader.readArrayCount()
            guard count == 2 else { throw EvidenceError(.malformedEvidence, "evidence is an array of \(count) elements, 2 wanted") }
            quote = [UInt8](copying: try reader.readByteString())
            claims = [UInt8](copying: try reader.readByteString())
            try reader.requireEnd()
        } catch {
            throw Self.inContext("evidence", error)
        }
        try self.init(quote: quote, claims: claims)
    }

    /// The encoded evidence.
    package func encode() -> [UInt8] {
        var writer = CBORWriter()
        writer.writeTag(Self.tag)
        writer.writeArrayHead(count: 2)
        writer.writeByteString(self.quote)
        writer.writeByteString(self.claims)
        return writer.bytes
    }

    /// The encoded claims for a key: `pubkey-hash` with its SHA-256 alone.
    static func claims(for subjectPublicKeyInfo: [UInt8]) -> [UInt8] {
        var entry = CBORWriter()
        entry.writeArrayHead(count: 2)
        entry.writeUnsigned(KeyHash.Algorithm.sha256.rawValue)
        entry.writeByteString(KeyHash.Algorithm.sha256.hash(subjectPublicKeyInfo))
        var claims = CBORWriter()
        claims.writeMapHead(count: 1)
        claims.writeTextString(Self.keyHashClaim)
        claims.writeByteString(entry.bytes)
        return claims.bytes
    }

    private static func keyHash(inClaims claims: [UInt8]) throws(EvidenceError) -> KeyHash {
        var names: Set<String> = []
        var keyHash: KeyHash?
        do {
            var reader = CBORReader(claims.span)
            for _ in 0..<(try reader.readMapCount()) {
                let name = try reader.readTextString()
                guard names.insert(name).inserted else { throw EvidenceError(.malformedEvidence, "claim \(name) occurs twice") }
                if name == Self.keyHashClaim {
                    keyHash = try Self.keyHash(inEntry: reader.readByteString())
                } else {
                    // Claims that are unknown here, such as `nonce`, do not weaken the binding.
                    try reader.skipItem()
                }
            }
            try reader.requireEnd()
        } catch {
            throw Self.inContext("claims", error)
        }
        // Gramine's verifier lets evidence without this claim pass; then nothing would bind the quote to the key of the connection.
        guard let keyHash else { throw EvidenceError(.missingKeyHash, "the claims lack `\(Self.keyHashClaim)`") }
        return keyHash
    }

    private static func keyHash(inEntry entry: Span<UInt8>) throws -> KeyHash {
        var reader = CBORReader(entry)
        guard try reader.readArrayCount() == 2 else { throw EvidenceError(.malformedEvidence, "`\(Self.keyHashClaim)` is not an array of 2") }
        let number = try reader.readUnsigned()
        guard let algorithm = KeyHash.Algorithm(rawValue: number) else {
            throw EvidenceError(.malformedEvidence, "`\(Self.keyHashClaim)` uses hash algorithm \(number); 1, 7 and 8 are known")
        }
        let digest = [UInt8](copying: try reader.readByteString())
        guard digest.count == algorithm.byteCount else {
            throw EvidenceError(.malformedEvidence, "`\(Self.keyHashClaim)` holds \(digest.count) bytes, \(algorithm.byteCount) wanted")
        }
        try reader.requireEnd()
        return KeyHash(algorithm: algorithm, digest: digest)
    }

    private static func inContext(_ part: String, _ error: any Error) -> EvidenceError {
        error as? EvidenceError ?? EvidenceError(.malformedEvidence, "\(part): \(error)")
    }
}

extension TaggedEvidence.KeyHash.Algorithm {
    var byteCount: Int {
        switch self {
        case .sha256: SHA256.byteCount
        case .sha384: SHA384.byteCount
        case .sha512: SHA512.byteCount
        }
    }

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha384: Array(SHA384.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }
}
