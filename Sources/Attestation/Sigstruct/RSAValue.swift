// SPDX-License-Identifier: Apache-2.0

/// A number of an RSA-3072 key or signature in a ``Sigstruct``, little-endian (384 bytes).
public struct RSAValue: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 384
    /// The bytes, in the order in which they lie in the format.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
