// SPDX-License-Identifier: Apache-2.0

/// Reads the words of TOML: blanks, keys, texts, numbers.
struct TOMLReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) {
        let bytes = Array(text.utf8)
        self.bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    }

    // MARK: Position

    func peek(_ ahead: Int = 0) -> UInt8? { self.offset + ahead < self.bytes.count ? self.bytes[self.offset + ahead] : nil }

    mutating func advance(_ count: Int = 1) { self.offset += count }

    /// Passes over blanks and, if it is there, one character.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        self.skipBlanks()
        return self.takeNext(character)
    }

    /// Passes over one character if it comes next.
    mutating func takeNext(_ character: Unicode.Scalar) -> Bool {
        guard self.peek() == UInt8(ascii: character) else { return false }
        self.advance()
        return true
    }

    func error(_ message: String) -> ManifestError {
        let before = self.bytes.prefix(self.offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
        return ManifestError(message: "line \(line), column \(column): \(message)")
    }

    // MARK: Blanks

    mutating func skipBlanks() {
        while self.peek() == UInt8(ascii: " ") || self.peek() == UInt8(ascii: "\t") { self.advance() }
    }

    mutating func skipBlanksAndComments(acrossLines: Bool) throws(ManifestError) {
        while true {
            self.skipBlanks()
            if self.peek() == UInt8(ascii: "#") {
                while let byte = self.peek(), byte != UInt8(ascii: "\n") {
                    if byte == UInt8(ascii: "\r"), self.peek(1) == UInt8(ascii: "\n") { break }
                    guard Self.isText(byte) else { throw self.error("a control character in a comment") }
                    self.advance()
                }
            }
            guard acrossLines, self.takeLineEnd() else { return }
        }
    }

    private mutating func takeLineEnd() -> Bool {
        if self.peek() == UInt8(ascii: "\n") {
            self.advance()
            return true
        }
        guard self.peek() == UInt8(ascii: "\r"), self.peek(1) == UInt8(ascii: "\n") else { return false }
        self.advance(2)
        return true
    }

    /// Nothing but a comment may follow on a line.
    mutating func endLine() throws(ManifestError) {
        try self.skipBlanksAndComments(acrossLines: false)
        guard self.peek() == nil || self.takeLineEnd() else { throw self.error("the end of the line expected") }
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == UInt8(ascii: "\t") }

    // MARK: Keys

    mutating func key(limit: Int) throws(ManifestError) -> [String] {
        var names: [String] = []
        repeat {
            self.skipBlanks()
            guard names.count < limit else { throw self.error("a key of more than \(limit) names") }
            names.append(try self.simpleKey())
        } while self.take(".")
        return names
    }

    private mutating func simpleKey() throws(ManifestError) -> String {
        switch self.peek() {
        case UInt8(ascii: "\""): return try self.basicText()
        case UInt8(ascii: "'"): return try self.literalText()
        default:
            let start = self.offset
            while let byte = self.peek(), Self.isBareKey(byte) { self.advance() }
            guard self.offset > start else { throw self.error("a key expected") }
            return String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
        }
    }

    private static func isBareKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: Values

    /// A text, a truth value, a number, or a date.
    mutating func scalar() throws(ManifestError) -> ManifestValue {
        switch self.peek() {
        case UInt8(ascii: "\""): return .string(self.begins("\"\"\"") ? try self.longText("\"") : try self.basicText())
        case UInt8(ascii: "'"): return .string(self.begins("'''") ? try self.longText("'") : try self.literalText())
        default: return try self.word()
        }
    }

    private func begins(_ text: StaticString) -> Bool { self.bytes[self.offset...].starts(with: "\(text)".utf8) }

    private mutating func word() throws(ManifestError) -> ManifestValue {
        let start = self.offset
        while let byte = self.peek(), Self.isBareKey(byte) || [UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":")].contains(byte) {
            self.advance()
        }
        // The blank between a date and a time.
        if self.offset - start == 10, self.bytes[start + 4] == UInt8(ascii: "-"), self.peek() == UInt8(ascii: " "), let digit = self.peek(1),
            0x30...0x39 ~= digit
        {
            self.advance()
            while let byte = self.peek(), Self.isBareKey(byte) || [UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "+")].contains(byte) {
                self.advance()
            }
        }
        let text = String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
        guard let value = TOMLWord.value(text) else { throw self.error(text.isEmpty ? "a value expected" : "`\(text.prefix(40))` is no value") }
        return value
    }

    private mutating func literalText() throws(ManifestError) -> String {
        self.advance()
        let start = self.offset
        while let byte = self.peek(), byte != UInt8(ascii: "'") {
            guard Self.isText(byte) else { throw self.error("a control character or the end of the line in a text") }
            self.advance()
        }
        guard self.peek() != nil else { throw self.error("a text is not closed") }
        defer { self.advance() }
        return String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
    }

    private mutating func basicText() throws(ManifestError) -> String {
        self.advance()
        var text: [UInt8] = []
        while let byte = self.peek(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") {
                text += try self.escape()
            } else {
                guard Self.isText(byte) else { throw self.error("a control character or the end of the line in a text") }
                text.append(byte)
                self.advance()
            }
        }
        guard self.peek() != nil else { throw self.error("a text is not closed") }
        self.advance()
        return String(decoding: text, as: UTF8.self)
    }

    /// A text in three quotation marks, of which one or two may stand inside, and before the three at its end.
    private mutating func longText(_ mark: Unicode.Scalar) throws(ManifestError) -> String {
        let mark = UInt8(ascii: mark)
        self.advance(3)
        _ = self.takeLineEnd()
        var text: [UInt8] = []
        while let byte = self.peek() {
            if byte == mark {
                let run = self.bytes[self.offset...].prefix(5).prefix { $0 == mark }.count
                self.advance(run)
                text += [UInt8](repeating: mark, count: run >= 3 ? run - 3 : run)
                if run >= 3 { return String(decoding: text, as: UTF8.self) }
            } else if byte == UInt8(ascii: "\\"), mark == UInt8(ascii: "\"") {
                if !self.takeLineContinuation() { text += try self.escape() }
            } else if self.takeLineEnd() {
                text.append(UInt8(ascii: "\n"))
            } else {
                guard Self.isText(byte) else { throw self.error("a control character in a text") }
                text.append(byte)
                self.advance()
            }
        }
        throw self.error("a text is not closed")
    }

    /// A backslash at the end of a line, and all blanks and lines until the next character.
    private mutating func takeLineContinuation() -> Bool {
        let start = self.offset
        self.advance()
        self.skipBlanks()
        guard self.takeLineEnd() else {
            self.offset = start
            return false
        }
        repeat { self.skipBlanks() } while self.takeLineEnd()
        return true
    }

    private mutating func escape() throws(ManifestError) -> [UInt8] {
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13, UInt8(ascii: "\""): 34,
            UInt8(ascii: "\\"): 92,
        ]
        guard let letter = self.peek(1) else { throw self.error("a text is not closed") }
        if let byte = simple[letter] {
            self.advance(2)
            return [byte]
        }
        let digits = letter == UInt8(ascii: "u") ? 4 : letter == UInt8(ascii: "U") ? 8 : 0
        let text = String(decoding: self.bytes[min(self.offset + 2, self.bytes.count)...].prefix(digits), as: UTF8.self)
        guard digits > 0, text.utf8.count == digits, text.allSatisfy(\.isHexDigit), let scalar = UInt32(text, radix: 16).flatMap(Unicode.Scalar.init)
        else {
            throw self.error("an unknown escape in a text")
        }
        self.advance(2 + digits)
        return Array(String(Character(scalar)).utf8)
    }
}
