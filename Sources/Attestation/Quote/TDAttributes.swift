// SPDX-License-Identifier: Apache-2.0

/// TDATTRIBUTES of a trust domain: how it was set up (Intel TDX module ABI, TDATTRIBUTES), 64 bits, little-endian.
public struct TDAttributes: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 8
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Makes attributes of their bits.
    public init(bits: UInt64) { self.bytes = (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) } }

    /// The attributes as one number.
    public var bits: UInt64 { self.bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    /// Whether the host may look into the trust domain: any of bits 0 to 7, DEBUG among them.
    ///
    /// Such a trust domain protects nothing.
    public var isUnderDebug: Bool { self.bits & 0xff != 0 }
    /// Whether accesses to pages that the host took away fail instead of raising an exception that the host could provoke (bit 28).
    public var disablesSEPTViolationExceptions: Bool { self.bits & 1 << 28 != 0 }
    /// Whether the trust domain can be moved to another platform (bit 29).
    public var isMigratable: Bool { self.bits & 1 << 29 != 0 }
    /// Bits that are set although the module's ABI keeps them zero: 1 to 3, 7 to 15, 23 to 26, 32 to 61.
    public var reservedBits: UInt64 { self.bits & Self.reservedMask }

    private static let reservedMask: UInt64 = 0x3fff_ffff_0780_ff8e
}
