// SPDX-License-Identifier: Apache-2.0

/// A range of bytes in a file below 4 GiB, in half the room of a `Range<Int>`: an index holds millions of them.
struct ByteRange: Hashable, Sendable {
    private let start: UInt32
    private let end: UInt32

    /// The range must lie below ``GraphBytes/maximumSize``.
    init(_ range: Range<Int>) {
        self.start = UInt32(range.lowerBound)
        self.end = UInt32(range.upperBound)
    }

    static let empty = ByteRange(0..<0)

    var range: Range<Int> { Int(self.start)..<Int(self.end) }
    var isEmpty: Bool { self.start == self.end }
}
