// SPDX-License-Identifier: Apache-2.0

/// A line and column of a text, counted from 1.
struct TextFormatPlace: Hashable, CustomStringConvertible {
    static let start = TextFormatPlace(line: 1, column: 1)

    var line: Int
    var column: Int

    var description: String { "\(self.line):\(self.column)" }
}

/// What is wrong with a text, and where.
struct TextFormatError: Error {
    let place: TextFormatPlace
    /// Names what is wrong, in the words of protobuf's own parser as far as it has them.
    let reason: String

    init(_ place: TextFormatPlace, _ reason: String) {
        self.place = place
        self.reason = reason
    }
}
