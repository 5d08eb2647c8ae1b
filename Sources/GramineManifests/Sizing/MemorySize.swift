// SPDX-License-Identifier: Apache-2.0

/// A number of bytes, written as manifests write it: `256M`.
public struct MemorySize: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of bytes.
    public let bytes: Int

    /// Makes a size of a number of bytes.
    public init(bytes: Int) { self.bytes = bytes }

    /// Reads digits followed by `K`, `M`, `G` or nothing; `nil` for anything else and for what no `Int` holds.
    public init?(_ text: some StringProtocol) {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = text.last.flatMap { units[$0] }
        guard let number = Int(unit == nil ? text[...] : text.dropLast()), number >= 0 else { return nil }
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !isTooLarge else { return nil }
        self.bytes = bytes
    }

    /// The next power of two, which an enclave's size has to be.
    public var roundedUpToPowerOfTwo: Self {
        var size = 1
        while size < self.bytes, size < Int.max / 2 { size *= 2 }
        return Self(bytes: size)
    }

    /// Smaller sizes are smaller.
    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// As manifests write it, in the largest unit that divides it.
    public var description: String {
        for (unit, factor) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)] where self.bytes >= factor && self.bytes % factor == 0 {
            return "\(self.bytes / factor)\(unit)"
        }
        return "\(self.bytes)"
    }
}
