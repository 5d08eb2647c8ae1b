/// A P-256 public key as quotes carry it: X and Y, big-endian, without the 0x04 prefix.
public struct AttestationKey: FixedSizeBytes {
    public static let size = 64
    public let bytes: [UInt8]

    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// A P-256 signature as quotes and signed collateral carry it: R and S, big-endian.
public struct ECDSASignature: FixedSizeBytes {
    public static let size = 64
    public let bytes: [UInt8]

    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
