// SPDX-License-Identifier: Apache-2.0

/// Reads a JSON text of any depth into tokens, in one pass and without recursion.
///
/// The dialect is that of TensorFlow Serving, which is RapidJSON's: `NaN`, `Inf` and `Infinity` are numbers, a byte order mark is passed over,
/// reading stops behind the first value, and strings need not be UTF-8. States, errors and their offsets are RapidJSON's too.
struct JSONReader: ~Escapable {
    /// The longest text that is read: positions are kept in 32 bits.
    static let sizeLimit = Int(Int32.max)

    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    let text: Span<UInt8>
    var offset = 0
    private var tokens: [JSONToken] = []
    /// The arrays and objects that are not closed yet, outermost first.
    private var open: [Int] = []

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) { self.text = text }

    /// Reads the first value of the text.
    mutating func read() throws(JSONError) -> [JSONToken] {
        guard self.text.count <= Self.sizeLimit else { throw JSONError(.tooLarge, at: Self.sizeLimit) }
        self.skipByteOrderMark()
        self.skipWhiteSpace()
        guard self.isAtValue else { throw JSONError(.documentEmpty, at: self.offset) }
        try self.readValue()
        while let container = self.open.last {
            self.skipWhiteSpace()
            if self.tokens[container].kind == .array { try self.readElement(of: container) } else { try self.readMember(of: container) }
        }
        return self.tokens
    }

    /// Reads an array's next element, which may be an opening bracket only, or its end.
    private mutating func readElement(of array: Int) throws(JSONError) {
        if self.peek == UInt8(ascii: "]") { return self.close(array) }
        if self.tokens[array].count > 0 {
            guard self.take(UInt8(ascii: ",")) else { throw JSONError(.missingCommaOrBracket, at: self.offset) }
            self.skipWhiteSpace()
        }
        self.tokens[array].count += 1
        guard self.isAtValue else { throw JSONError(.invalidValue, at: self.offset) }
        try self.readValue()
    }

    /// Reads an object's next member, of whose value it may be an opening bracket only, or its end.
    private mutating func readMember(of object: Int) throws(JSONError) {
        if self.peek == UInt8(ascii: "}") { return self.close(object) }
        if self.tokens[object].count > 0 {
            guard self.take(UInt8(ascii: ",")) else { throw JSONError(.missingCommaOrBrace, at: self.offset) }
            self.skipWhiteSpace()
        }
        guard self.peek == UInt8(ascii: "\"") else { throw JSONError(.missingName, at: self.offset) }
        self.tokens[object].count += 1
        try self.readString()
        self.skipWhiteSpace()
        guard self.take(UInt8(ascii: ":")) else { throw JSONError(.missingColon, at: self.offset) }
        self.skipWhiteSpace()
        guard self.isAtValue else { throw JSONError(.invalidValue, at: self.offset) }
        try self.readValue()
    }

    private mutating func readValue() throws(JSONError) {
        switch self.peek {
        case UInt8(ascii: "{"): self.openContainer(.object)
        case UInt8(ascii: "["): self.openContainer(.array)
        case UInt8(ascii: "\""): try self.readString()
        case UInt8(ascii: "n"): try self.readWord("null", .null)
        case UInt8(ascii: "t"): try self.readWord("true", .true)
        case UInt8(ascii: "f"): try self.readWord("false", .false)
        default: try self.readNumber()
        }
    }

    private mutating func openContainer(_ kind: JSONToken.Kind) {
        self.open.append(self.tokens.count)
        self.append(kind, from: self.offset, to: self.offset)
        self.offset += 1
    }

    private mutating func close(_ container: Int) {
        self.offset += 1
        self.open.removeLast()
        self.tokens[container].end = UInt32(self.offset)
        self.tokens[container].next = UInt32(self.tokens.count)
    }

    mutating func append(_ kind: JSONToken.Kind, from start: Int, to end: Int) {
        // Exact: the text's length fits in 31 bits, and there are no more tokens than bytes.
        self.tokens.append(JSONToken(kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(self.tokens.count + 1)))
    }

    private mutating func readWord(_ word: String, _ kind: JSONToken.Kind) throws(JSONError) {
        let start = self.offset
        for letter in word.utf8 {
            guard self.take(letter) else { throw JSONError(.invalidValue, at: self.offset) }
        }
        self.append(kind, from: start, to: self.offset)
    }

    // MARK: Bytes

    /// The next byte; 0, which no JSON text holds outside of strings, at the end.
    var peek: UInt8 { self.offset < self.text.count ? self.text[self.offset] : 0 }

    /// Whether something that may be a value comes next, and not the text's end or a sign that separates values.
    private var isAtValue: Bool {
        switch self.peek {
        case 0, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"): false
        default: true
        }
    }

    /// Passes over the next byte if it is `byte`.
    mutating func take(_ byte: UInt8) -> Bool {
        guard self.offset < self.text.count, self.text[self.offset] == byte else { return false }
        self.offset += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while self.offset < self.text.count {
            switch self.text[self.offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): self.offset += 1
            default: return
            }
        }
    }

    private mutating func skipByteOrderMark() {
        for byte in Self.byteOrderMark {
            guard self.take(byte) else { return self.offset = 0 }
        }
    }
}
