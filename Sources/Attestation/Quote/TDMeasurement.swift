// SPDX-License-Identifier: Apache-2.0

/// A SHA-384 measurement of a trust domain or of the TDX module: MRTD, RTMR0 to RTMR3, MRSEAM and the like (48 bytes).
public struct TDMeasurement: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 48
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

extension TDMeasurement {
    /// 48 zero bytes: a register that nothing was measured into.
    public static let zero = Self(repeating: 0)

    private init(repeating byte: UInt8) { self.bytes = [UInt8](repeating: byte, count: Self.size) }

    /// Whether every byte is zero.
    public var isZero: Bool { self.bytes.allSatisfy { $0 == 0 } }
}
