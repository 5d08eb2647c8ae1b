// SPDX-License-Identifier: Apache-2.0

/// The day on which an enclave was signed: eight decimal digits, two to a byte (BCD), as the signer wrote them.
///
/// Nothing checks it against a calendar, here or in the processor: reproducible builds write `0000-00-00`.
public struct SigningDate: Hashable, Sendable, CustomStringConvertible {
    /// The word as stored: 0x20261123 for 2026-11-23.
    public let encoded: UInt32

    init(encoded: UInt32) { self.encoded = encoded }

    /// `YYYY-MM-DD`; digits that are not decimal show as letters.
    public var description: String {
        let digits = String(self.encoded, radix: 16)
        let padded = String(repeating: "0", count: 8 - digits.count) + digits
        return "\(padded.prefix(4))-\(padded.dropFirst(4).prefix(2))-\(padded.suffix(2))"
    }
}
