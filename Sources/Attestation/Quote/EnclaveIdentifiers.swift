/// CONFIGID of an enclave built with key separation and sharing (KSS).
public struct ConfigID: FixedSizeBytes {
    public static let size = 64
    public let bytes: [UInt8]

    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// ISVEXTPRODID of an enclave built with key separation and sharing (KSS).
public struct ExtendedProductID: FixedSizeBytes {
    public static let size = 16
    public let bytes: [UInt8]

    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// ISVFAMILYID of an enclave built with key separation and sharing (KSS).
public struct FamilyID: FixedSizeBytes {
    public static let size = 16
    public let bytes: [UInt8]

    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
