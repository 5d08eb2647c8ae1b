// SPDX-License-Identifier: Apache-2.0

/// The 64 bytes that an attester chooses and that its quote signs.
public struct ReportData: FixedSizeBytes {
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

extension ReportData {
    /// All zeros: for a quote that proves nothing but that one can be made.
    package static let zero = ReportData(zeros: ())

    private init(zeros: Void) { self.bytes = Array(repeating: 0, count: Self.size) }

    /// Puts `bytes` first and zeros after them, as RA-TLS does with a digest; `nil` for more than 64 bytes.
    public init?(paddingWithZeros bytes: [UInt8]) {
        guard bytes.count <= Self.size else { return nil }
        self.init(bytes + [UInt8](repeating: 0, count: Self.size - bytes.count))
    }
}
