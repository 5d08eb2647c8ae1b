// SPDX-License-Identifier: Apache-2.0

/// Cuts protobuf's text format into tokens, and knows where each is.
///
/// What a number or a string stands for is for the parser to tell.
struct TextFormatTokenizer {
    struct Token {
        enum Kind { case identifier, number, string, symbol, end }

        let kind: Kind
        /// Where the token is in the text; it begins and ends with whole characters.
        let range: Range<String.Index>
        let place: TextFormatPlace
    }

    /// Read in place, and not copied: it may hold a private key.
    private let whole: String
    private var index: String.Index
    private var place = TextFormatPlace.start
    /// The token that is looked at.
    private(set) var current: Token

    /// Looks at the first token.
    init(_ text: String) throws(TextFormatError) {
        self.whole = text
        self.index = text.startIndex
        self.current = Token(kind: .end, range: text.startIndex..<text.startIndex, place: .start)
        try self.advance()
    }

    /// A part of the text.
    func text(_ range: Range<String.Index>) -> String { String(self.whole[range]) }

    /// Whether the token is this symbol.
    func isAt(_ symbol: Character) -> Bool {
        self.current.kind == .symbol && symbol.asciiValue == self.whole.utf8[self.current.range.lowerBound]
    }

    /// Goes past the symbol if it is there.
    mutating func take(_ symbol: Character) throws(TextFormatError) -> Bool {
        guard self.isAt(symbol) else { return false }
        try self.advance()
        return true
    }

    /// Goes to the next token.
    mutating func advance() throws(TextFormatError) {
        self.skipBlanks()
        let start = self.index
        let place = self.place
        let kind = try self.scan()
        self.current = Token(kind: kind, range: start..<self.index, place: place)
    }

    private var next: UInt8? { self.index < self.whole.endIndex ? self.whole.utf8[self.index] : nil }

    /// The byte behind the next, which must be there.
    private var second: UInt8? {
        let index = self.whole.utf8.index(after: self.index)
        return index < self.whole.endIndex ? self.whole.utf8[index] : nil
    }

    private mutating func skip() {
        let byte = self.whole.utf8[self.index]
        self.whole.utf8.formIndex(after: &self.index)
        if byte == UInt8(ascii: "\n") {
            self.place.line += 1
            self.place.column = 1
        } else if byte & 0xC0 != 0x80 {
            // Characters are counted, not the bytes that go on with one.
            self.place.column += 1
        }
    }

    private mutating func skip(while isPart: (UInt8) -> Bool) {
        while let next = self.next, isPart(next) { self.skip() }
    }

    private mutating func skipBlanks() {
        while let next = self.next {
            switch next {
            case UInt8(ascii: " "), 9...13: self.skip()
            case UInt8(ascii: "#"): self.skip { $0 != UInt8(ascii: "\n") && $0 != 0 }
            default: return
            }
        }
    }

    private mutating func scan() throws(TextFormatError) -> Token.Kind {
        guard let first = self.next else { return .end }
        switch first {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            try self.scanString()
            return .string
        case _ where Self.isDigit(first), UInt8(ascii: ".") where self.second.map(Self.isDigit) == true:
            self.scanNumber()
            return .number
        case _ where Self.isLetter(first):
            self.skip { Self.isLetter($0) || Self.isDigit($0) }
            return .identifier
        case 0x21...0x7E:
            self.skip()
            return .symbol
        default:
            throw TextFormatError(
                self.place, first < 0x80 ? "Invalid control characters encountered in text." : "Interpreting non ascii codepoint \(first).")
        }
    }

    private mutating func scanString() throws(TextFormatError) {
        let start = self.place
        let quote = self.next
        self.skip()
        while let next = self.next {
            switch next {
            case quote:
                self.skip()
                return
            case UInt8(ascii: "\n"): throw TextFormatError(start, "String literals cannot cross line boundaries.")
            // The parser in C++ takes it for the text's end; a path would end with it.
            case 0: throw TextFormatError(self.place, "Unexpected end of string.")
            case UInt8(ascii: "\\"):
                self.skip()
                if let escaped = self.next, escaped != UInt8(ascii: "\n"), escaped != 0 { self.skip() }
            default: self.skip()
            }
        }
        throw TextFormatError(start, "Unexpected end of string.")
    }

    /// Takes everything that a number could be made of; signs belong to it after an exponent alone.
    private mutating func scanNumber() {
        let isHex = self.second.map { $0 | 0x20 == UInt8(ascii: "x") } == true
        var last: UInt8 = 0
        while let next = self.next {
            let isSign = (next == UInt8(ascii: "+") || next == UInt8(ascii: "-")) && last == UInt8(ascii: "e") && !isHex
            guard isSign || next == UInt8(ascii: ".") || Self.isLetter(next) || Self.isDigit(next) else { return }
            last = next | 0x20
            self.skip()
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
}
