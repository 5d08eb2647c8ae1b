// SPDX-License-Identifier: Apache-2.0

import Crypto

/// SHA-256 digest of a public key's subject public key info, DER.
public struct PublicKeyFingerprint: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 32
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Digests a subject public key info.
    public init(ofSubjectPublicKeyInfo der: [UInt8]) { self.bytes = Array(SHA256.hash(data: der)) }

    private init(digest: [UInt8]) { self.bytes = digest }

    /// The digest of Intel's root key: a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e.
    static let intelSGXRootCA = Self(digest: [
        0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91, 0x86, 0x06, 0x8a, 0x7f, 0xc1,
        0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35, 0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e,
    ])
}
