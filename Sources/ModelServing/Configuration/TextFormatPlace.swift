// SPDX-License-Identifier: Apache-2.0

/// A line and column of a text, counted from 1.
///
/// The parser tells what is wrong but not where; where is found out by parsing the text line by line.
struct TextFormatPlace: Hashable, CustomStringConvertible {
    let line: Int
    let column: Int

    /// Longer texts are not searched, since each line costs one parse.
    private static let searchedLines = 2000

    var description: String { "\(self.line):\(self.column)" }

    /// The start of the first line with which the text cannot be parsed any more, the messages that are open there taken as closed.
    static func ofFirstError(in text: String, isGood: (String) -> Bool) -> TextFormatPlace {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var scanner = BraceScanner()
        var prefix = ""
        var goodLines = 0
        for (index, line) in lines.prefix(Self.searchedLines).enumerated() {
            prefix += line + "\n"
            scanner.scan(line)
            if scanner.isBetweenTokens, isGood(prefix + scanner.closing) { goodLines = index + 1 }
        }
        let rest = lines.dropFirst(goodLines)
        // Blank lines and comments are not what is wrong.
        let wrong = rest.firstIndex { !$0.allSatisfy(\.isWhitespace) && $0.first { !$0.isWhitespace } != "#" } ?? rest.startIndex
        guard lines.indices.contains(wrong) else { return TextFormatPlace(line: lines.count, column: 1) }
        let indentation = lines[wrong].prefix(while: \.isWhitespace).count
        return TextFormatPlace(line: wrong + 1, column: indentation + 1)
    }

    /// Knows which messages and lists are open after some lines.
    private struct BraceScanner {
        private var open: [Character] = []
        private var quote: Character?

        /// What would close everything that is open.
        var closing: String { String(self.open.reversed()) }

        /// Whether no string is open, which ends with its line.
        var isBetweenTokens: Bool { self.quote == nil }

        mutating func scan(_ line: Substring) {
            self.quote = nil
            var isEscaped = false
            for character in line {
                if let quote = self.quote {
                    if isEscaped { isEscaped = false } else if character == "\\" { isEscaped = true } else if character == quote { self.quote = nil }
                    continue
                }
                switch character {
                case "#": return
                case "\"", "'": self.quote = character
                case "{": self.open.append("}")
                case "<": self.open.append(">")
                case "[": self.open.append("]")
                case "}", ">", "]": _ = self.open.popLast()
                default: break
                }
            }
        }
    }
}
