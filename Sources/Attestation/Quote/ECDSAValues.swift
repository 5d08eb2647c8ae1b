// SPDX-License-Identifier: Apache-2.0

/// A P-256 public key as quotes carry it: X and Y, big-endian, without the 0x04 prefix.
public struct AttestationKey: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 64
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// A P-256 signature as quotes and signed collateral carry it: R and S, big-endian.
public struct ECDSASignature: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 64
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
