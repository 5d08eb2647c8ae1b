// SPDX-License-Identifier: Apache-2.0

/// A line and column of a text, counted from 1.
struct TextFormatPlace: Hashable, CustomStringConvertible {
    static let start = TextFormatPlace(line: 1, column: 1)

    var line: Int
    var column: Int

    var description: String { "\(self.line):\(self.column)" }
}
