// SPDX-License-Identifier: Apache-2.0

extension JSONReader {
    /// Passes over a string, checking its escape sequences.
    mutating func readString() throws(JSONError) {
        self.offset += 1
        let start = self.offset
        var kind = JSONToken.Kind.string
        while self.offset < self.text.count {
            switch self.text[self.offset] {
            case UInt8(ascii: "\""):
                self.append(kind, from: start, to: self.offset)
                self.offset += 1
                return
            case UInt8(ascii: "\\"):
                kind = .escapedString
                try self.readEscape()
            // RapidJSON takes a zero for the text's end.
            case 0: throw JSONError(.missingQuotationMark, at: self.offset)
            case ..<0x20: throw JSONError(.invalidEncoding, at: self.offset)
            default: self.offset += 1
            }
        }
        throw JSONError(.missingQuotationMark, at: self.offset)
    }

    private mutating func readEscape() throws(JSONError) {
        let start = self.offset
        self.offset += 1
        let letter = self.peek
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            self.offset += 1
        case UInt8(ascii: "u"):
            self.offset += 1
            let unit = try self.readHexadecimal(escape: start)
            guard 0xd800...0xdfff ~= unit else { return }
            // A high surrogate stands before a low one, and a low one never alone.
            guard unit < 0xdc00, self.take(UInt8(ascii: "\\")), self.take(UInt8(ascii: "u")) else { throw JSONError(.invalidSurrogate, at: start) }
            guard 0xdc00...0xdfff ~= (try self.readHexadecimal(escape: start)) else { throw JSONError(.invalidSurrogate, at: start) }
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    private mutating func readHexadecimal(escape: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = JSONString.hexadecimalValue(self.peek) else { throw JSONError(.invalidHexadecimal, at: escape) }
            value = value << 4 | digit
            self.offset += 1
        }
        return value
    }
}
