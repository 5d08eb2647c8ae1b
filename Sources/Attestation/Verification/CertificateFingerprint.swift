// SPDX-License-Identifier: Apache-2.0

import Crypto

/// SHA-256 digest of a certificate's DER encoding.
public struct CertificateFingerprint: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 32
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Digests a certificate.
    public init(of der: [UInt8]) { self.bytes = Array(SHA256.hash(data: der)) }

    private init(digest: [UInt8]) { self.bytes = digest }

    /// The digest of Intel's root: 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3.
    static let intelSGXRootCA = Self(digest: [
        0x44, 0xa0, 0x19, 0x6b, 0x2b, 0x99, 0xf8, 0x89, 0xb8, 0xe1, 0x49, 0xe9, 0x5b, 0x80, 0x7a, 0x35,
        0x0e, 0x74, 0x24, 0x96, 0x43, 0x99, 0xe8, 0x85, 0xa7, 0xcb, 0xb8, 0xcc, 0xfa, 0xb6, 0x74, 0xd3,
    ])
}
