// SPDX-License-Identifier: Apache-2.0

/// A measurement of an SGX enclave: MRENCLAVE or MRSIGNER (32 bytes).
public struct Measurement: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 32
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
