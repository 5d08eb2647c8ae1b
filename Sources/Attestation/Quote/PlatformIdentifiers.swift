// SPDX-License-Identifier: Apache-2.0

/// Family, model, stepping, platform type and custom SKU: what Intel's TCB info is published for.
public struct FMSPC: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 6
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// Identifier of the provisioning certification enclave, little-endian as in certificates and TCB info.
public struct PCEID: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 2
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// Platform provisioning identifier: names one processor package.
public struct PPID: FixedSizeBytes {
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

/// Security version number of a processor's microcode and configuration; opaque, compared by components.
public struct CPUSVN: FixedSizeBytes {
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

/// Identifier of a multi-package platform's current instance.
public struct PlatformInstanceID: FixedSizeBytes {
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

/// Identifier of a quoting enclave's instance on a platform, as the quote header's user data carries it.
public struct QEIdentifier: FixedSizeBytes {
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

/// Identifier of a quoting enclave's vendor.
public struct QEVendorID: FixedSizeBytes {
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

extension QEVendorID {
    /// Intel's quoting enclaves: 939a7233f79c4ca9940a0db3957f0607.
    static let intelBytes: [UInt8] = [0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07]

    /// Whether this is Intel.
    public var isIntel: Bool { self.bytes == Self.intelBytes }
}
