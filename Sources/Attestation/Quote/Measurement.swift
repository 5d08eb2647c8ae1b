/// A measurement of an SGX enclave: MRENCLAVE or MRSIGNER (32 bytes).
public struct Measurement: FixedSizeBytes {
    public static let size = 32
    public let bytes: [UInt8]

    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
