// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import Testing

@testable import Attestation

@Suite("Tagged evidence")
struct EvidenceClaimsTests {
    static let quote = [UInt8](repeating: 3, count: 200)
    static let key: [UInt8] = [1, 2, 3]
    static let digest = Array(SHA256.hash(data: key))

    @Test("claims have the bytes that Gramine writes")
    func claims() {
        let entry: [UInt8] = [0x82, 0x01, 0x58, 0x20] + Self.digest
        #expect(TaggedEvidence.claims(for: Self.key) == [0xa1, 0x6b] + Array("pubkey-hash".utf8) + [0x58, 0x24] + entry)
    }

    @Test("evidence is read as it was written")
    func roundTrip() throws {
        let evidence = try TaggedEvidence(quote: Self.quote, claims: TaggedEvidence.claims(for: Self.key))
        let bytes = evidence.encode()
        #expect(Array(bytes.prefix(6)) == [0xd9, 0xea, 0x60, 0x82, 0x58, 0xc8])
        let read = try TaggedEvidence(decoding: bytes.span)
        #expect(read == evidence)
        #expect(read.keyHash.matches(Self.key))
        #expect(!read.keyHash.matches([1, 2, 4]))
    }

    @Test("evidence cut short anywhere is malformed")
    func truncation() throws {
        let bytes = try TaggedEvidence(quote: Self.quote, claims: TaggedEvidence.claims(for: Self.key)).encode()
        for length in 0..<bytes.count {
            let error = #expect(throws: EvidenceError.self) { try TaggedEvidence(decoding: Array(bytes.prefix(length)).span) }
            #expect(error?.code == .malformedEvidence)
        }
    }

    @Test("unknown claims are passed over, whatever they hold")
    func unknownClaims() throws {
        // {"nonce": h'0102', "pubkey-hash": ..., "x": [1, {2: "a"}, 6(null)]}
        let known = TaggedEvidence.claims(for: Self.key).dropFirst()
        let claims: [UInt8] =
            [0xa3, 0x65] + Array("nonce".utf8) + [0x42, 1, 2] + known + [0x61, 0x78, 0x83, 0x01, 0xa1, 0x02, 0x61, 0x61, 0xc6, 0xf6]
        #expect(try TaggedEvidence(quote: Self.quote, claims: claims).keyHash.digest == Self.digest)
    }

    @Test("evidence without the hash of a key is refused", arguments: [[0xa0], [0xa1, 0x61, 0x61, 0x01]] as [[UInt8]])
    func missingHash(claims: [UInt8]) {
        let error = #expect(throws: EvidenceError.self) { try TaggedEvidence(quote: Self.quote, claims: claims) }
        #expect(error?.code == .missingKeyHash)
    }

    static let malformed: [String: [UInt8]] = {
        let entry: [UInt8] = [0x82, 0x01, 0x58, 0x20] + digest
        let name: [UInt8] = [0x6b] + Array("pubkey-hash".utf8)
        return [
            "no map": [0x01],
            "indefinite map": [0xbf] + name + [0x58, 0x24] + entry + [0xff],
            "name that is no text": [0xa1, 0x01, 0x01],
            "claim twice": [0xa2] + name + [0x58, 0x24] + entry + name + [0x58, 0x24] + entry,
            "other claim twice": [0xa3] + name + [0x58, 0x24] + entry + [0x61, 0x61, 1, 0x61, 0x61, 2],
            "hash not in a byte string": [0xa1] + name + entry,
            "unknown algorithm": [0xa1] + name + [0x58, 0x24, 0x82, 0x02, 0x58, 0x20] + digest,
            "digest too short": [0xa1] + name + [0x58, 0x23, 0x82, 0x01, 0x58, 0x1f] + digest.dropLast(),
            "digest of another algorithm's size": [0xa1] + name + [0x58, 0x24, 0x82, 0x07, 0x58, 0x20] + digest,
            "array of three": [0xa1] + name + [0x58, 0x25, 0x83, 0x01, 0x58, 0x20] + digest + [0x00],
            "bytes after the hash": [0xa1] + name + [0x58, 0x25] + entry + [0x00],
            "bytes after the map": [0xa1] + name + [0x58, 0x24] + entry + [0x00],
            "number not in shortest form": [0xa1] + name + [0x58, 0x25, 0x82, 0x18, 0x01, 0x58, 0x20] + digest,
            "length not in shortest form": [0xa1] + name + [0x59, 0x00, 0x24] + entry,
            "text that is not UTF-8": [0xa1, 0x61, 0xff, 0x01],
            "too many claims": [0xb8, 0x41],
            "map of 2^64-1 claims": [0xbb] + [UInt8](repeating: 0xff, count: 8),
            "text of 2^63 bytes": [0xa1, 0x7b, 0x80, 0, 0, 0, 0, 0, 0, 0],
            "nested too deeply": [0xa1, 0x61, 0x61] + [UInt8](repeating: 0x81, count: 40) + [0x00],
        ]
    }()

    @Test("malformed claims are refused", arguments: malformed.keys.sorted())
    func malformedClaims(name: String) throws {
        let claims = try #require(Self.malformed[name])
        let error = #expect(throws: EvidenceError.self) { try TaggedEvidence(quote: Self.quote, claims: claims) }
        #expect(error?.code == .malformedEvidence)
    }

    @Test(
        "an outer item of another form is refused",
        arguments: [
            [0xd9, 0xea, 0x61, 0x82, 0x41, 0, 0x41, 0], [0xd9, 0xea, 0x60, 0x83, 0x41, 0, 0x41, 0, 0x41, 0],
            [0xd9, 0xea, 0x60, 0x9f, 0x41, 0, 0x41, 0, 0xff],
            [0xd9, 0xea, 0x60, 0x82, 0x5f, 0x41, 0, 0xff, 0x41, 0], [0x82, 0x41, 0, 0x41, 0], [0xda, 0, 0, 0xea, 0x60, 0x82, 0x41, 0, 0x41, 0],
        ] as [[UInt8]])
    func outerItem(bytes: [UInt8]) {
        let error = #expect(throws: EvidenceError.self) { try TaggedEvidence(decoding: bytes.span) }
        #expect(error?.code == .malformedEvidence)
    }

    @Test("SHA-384 and SHA-512 of the key are understood", arguments: [TaggedEvidence.KeyHash.Algorithm.sha384, .sha512])
    func otherHashes(algorithm: TaggedEvidence.KeyHash.Algorithm) throws {
        var entry = CBORWriter()
        entry.writeArrayHead(count: 2)
        entry.writeUnsigned(algorithm.rawValue)
        entry.writeByteString(algorithm.hash(Self.key))
        var claims = CBORWriter()
        claims.writeMapHead(count: 1)
        claims.writeTextString(TaggedEvidence.keyHashClaim)
        claims.writeByteString(entry.bytes)
        #expect(try TaggedEvidence(quote: Self.quote, claims: claims.bytes).keyHash.matches(Self.key))
    }
}
