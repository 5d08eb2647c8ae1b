// SPDX-License-Identifier: Apache-2.0

/// SEAMATTRIBUTES of the TDX module, as they lie in the report.
public struct SEAMAttributes: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 8
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// XFAM of a trust domain: which processor state it may use, as it lies in the report.
public struct XFAM: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 8
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// Identifier of a trust domain in an extended TD report.
public struct TDIdentifier: FixedSizeBytes {
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

/// The initial FMSPC block of an extended TD report.
public struct TDFMSPC: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 12
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
