// SPDX-License-Identifier: Apache-2.0

/// A strict JSON parser (RFC 8259) for signed bodies: no duplicate member names, limited depth and size.
struct JSONParser {
    /// Most bytes of a text.
    static let maximumSize = 1 << 20
    /// Most levels of nesting.
    static let maximumDepth = 16

    private let text: [UInt8]
    private var offset = 0
    private var depth = 0

    /// Parses a text that is one object, with white space around it at most.
    static func parse(_ text: [UInt8]) throws(CollateralError) -> JSONObject {
        guard text.count <= self.maximumSize else { throw CollateralError("\(text.count) bytes of JSON, at most \(self.maximumSize) are read") }
        var parser = JSONParser(text: text)
        parser.skipWhiteSpace()
        guard case .object(let object) = try parser.value() else { throw CollateralError("JSON is not an object") }
        parser.skipWhiteSpace()
        guard parser.offset == text.count else { throw parser.error("something follows the JSON object") }
        return object
    }

    private init(text: [UInt8]) { self.text = text }

    private func error(_ message: String) -> CollateralError { CollateralError("\(message) at offset \(self.offset)") }

    private var next: UInt8? { self.offset < self.text.count ? self.text[self.offset] : nil }

    private mutating func skipWhiteSpace() {
        while let character = self.next, character == 0x20 || character == 0x0a || character == 0x0d || character == 0x09 { self.offset += 1 }
    }

    /// Passes over `character`, if it is next.
    private mutating func skip(_ character: Character) -> Bool {
        guard let next = self.next, next == character.asciiValue else { return false }
        self.offset += 1
        return true
    }

    private mutating func value() throws(CollateralError) -> JSONValue {
        switch self.next {
        case UInt8(ascii: "{"): return .object(try self.object())
        case UInt8(ascii: "["): return .array(try self.array())
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try self.number()
        case UInt8(ascii: "t"): return try self.word("true", .boolean(true))
        case UInt8(ascii: "f"): return try self.word("false", .boolean(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        default: throw self.error("no JSON value")
        }
    }

    private mutating func enter() throws(CollateralError) {
        self.offset += 1
        self.depth += 1
        guard self.depth <= Self.maximumDepth else { throw self.error("JSON nested deeper than \(Self.maximumDepth)") }
        self.skipWhiteSpace()
    }

    private mutating func object() throws(CollateralError) -> JSONObject {
        let start = self.offset
        try self.enter()
        var members: [(name: String, value: JSONValue)] = []
        var names: Set<String> = []
        if !self.skip("}") {
            repeat {
                self.skipWhiteSpace()
                guard self.next == UInt8(ascii: "\"") else { throw self.error("no member name") }
                let name = try self.string()
                guard names.insert(name).inserted else { throw self.error("member \"\(name)\" occurs twice") }
                self.skipWhiteSpace()
                guard self.skip(":") else { throw self.error("no colon") }
                self.skipWhiteSpace()
                members.append((name, try self.value()))
                self.skipWhiteSpace()
            } while self.skip(",")
            guard self.skip("}") else { throw self.error("object does not end") }
        }
        self.depth -= 1
        return JSONObject(members: members, range: start..<self.offset)
    }

    private mutating func array() throws(CollateralError) -> [JSONValue] {
        try self.enter()
        var values: [JSONValue] = []
        if !self.skip("]") {
            repeat {
                self.skipWhiteSpace()
                values.append(try self.value())
                self.skipWhiteSpace()
            } while self.skip(",")
            guard self.skip("]") else { throw self.error("array does not end") }
        }
        self.depth -= 1
        return values
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(CollateralError) -> JSONValue {
        for character in word.description.utf8 {
            guard self.next == character else { throw self.error("no JSON value") }
            self.offset += 1
        }
        return value
    }

    private mutating func number() throws(CollateralError) -> JSONValue {
        let start = self.offset
        _ = self.skip("-")
        let digits = self.offset
        try self.digits()
        if self.text[digits] == UInt8(ascii: "0"), self.offset - digits > 1 { throw self.error("number with a leading zero") }
        var isInteger = true
        if self.skip(".") {
            isInteger = false
            try self.digits()
        }
        if self.skip("e") || self.skip("E") {
            isInteger = false
            if !self.skip("+") { _ = self.skip("-") }
            try self.digits()
        }
        guard isInteger, let value = Int(String(decoding: self.text[start..<self.offset], as: UTF8.self)) else { return .otherNumber }
        return .integer(value)
    }

    private mutating func digits() throws(CollateralError) {
        let start = self.offset
        while let character = self.next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) { self.offset += 1 }
        guard self.offset > start else { throw self.error("no digit") }
    }

    private mutating func string() throws(CollateralError) -> String {
        self.offset += 1
        let start = self.offset
        while let character = self.next, character != UInt8(ascii: "\""), character != UInt8(ascii: "\\"), character >= 0x20 { self.offset += 1 }
        guard self.next == UInt8(ascii: "\"") else { return try self.escapedString(from: start) }
        defer { self.offset += 1 }
        return try self.utf8(self.text[start..<self.offset])
    }

    /// The slow way, for strings with escapes.
    private mutating func escapedString(from start: Int) throws(CollateralError) -> String {
        var bytes = Array(self.text[start..<self.offset])
        while let character = self.next {
            guard character >= 0x20 else { throw self.error("control character in a string") }
            self.offset += 1
            switch character {
            case UInt8(ascii: "\""): return try self.utf8(bytes[...])
            case UInt8(ascii: "\\"): bytes.append(contentsOf: String(try self.escape()).utf8)
            default: bytes.append(character)
            }
        }
        throw self.error("string does not end")
    }

    private func utf8(_ bytes: ArraySlice<UInt8>) throws(CollateralError) -> String {
        guard let string = String(validating: bytes, as: UTF8.self) else { throw self.error("string is not UTF-8") }
        return string
    }

    private mutating func escape() throws(CollateralError) -> Unicode.Scalar {
        guard let character = self.next else { throw self.error("string does not end") }
        self.offset += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(character)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try self.unicodeEscape()
        default: throw self.error("unknown escape in a string")
        }
    }

    private mutating func unicodeEscape() throws(CollateralError) -> Unicode.Scalar {
        let high = try self.fourHexDigits()
        guard (0xd800..<0xe000).contains(high) else {
            guard let scalar = Unicode.Scalar(high) else { throw self.error("escape is not a character") }
            return scalar
        }
        guard high < 0xdc00, self.skip("\\"), self.skip("u") else { throw self.error("lone surrogate in a string") }
        let low = try self.fourHexDigits()
        guard (0xdc00..<0xe000).contains(low), let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00)) else {
            throw self.error("lone surrogate in a string")
        }
        return scalar
    }

    private mutating func fourHexDigits() throws(CollateralError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let character = self.next, let digit = Character(UnicodeScalar(character)).hexDigitValue else {
                throw self.error("no hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            self.offset += 1
        }
        return value
    }
}
