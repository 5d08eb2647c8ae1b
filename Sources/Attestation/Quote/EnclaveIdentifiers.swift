// SPDX-License-Identifier: Apache-2.0

/// CONFIGID of an enclave built with key separation and sharing (KSS).
public struct ConfigID: FixedSizeBytes {
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

/// ISVEXTPRODID of an enclave built with key separation and sharing (KSS).
public struct ExtendedProductID: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 16
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// ISVFAMILYID of an enclave built with key separation and sharing (KSS).
public struct FamilyID: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 16
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
