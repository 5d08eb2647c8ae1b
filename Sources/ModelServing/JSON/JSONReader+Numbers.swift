// SPDX-License-Identifier: Apache-2.0

extension JSONReader {
    /// Passes over a number, checking its form and that it is one.
    mutating func readNumber() throws(JSONError) {
        let start = self.offset
        _ = self.take(UInt8(ascii: "-"))
        if self.peek == UInt8(ascii: "N") || self.peek == UInt8(ascii: "I") {
            try self.readNotFinite()
            return self.append(.real, from: start, to: self.offset)
        }
        let digits = try self.readIntegerDigits()
        var kind = JSONToken.Kind.integer
        var fractionDigits = 0
        var exponent = 0
        if self.take(UInt8(ascii: ".")) {
            kind = .real
            fractionDigits = self.skipDigits()
            guard fractionDigits > 0 else { throw JSONError(.missingFraction, at: self.offset) }
        }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            kind = .real
            exponent = try self.readExponent()
        }
        self.append(kind, from: start, to: self.offset)
        // Most numbers are far from the limit and need not be computed to know it.
        guard digits + exponent > 308 else { return }
        guard exponent <= 308 + fractionDigits, JSONNumber.double(self.text.extracting(start..<self.offset)).isFinite else {
            throw JSONError(.numberTooBig, at: start)
        }
    }

    /// One zero, or digits that do not begin with it; returns how many.
    private mutating func readIntegerDigits() throws(JSONError) -> Int {
        if self.take(UInt8(ascii: "0")) { return 1 }
        let digits = self.skipDigits()
        guard digits > 0 else { throw JSONError(.invalidValue, at: self.offset) }
        return digits
    }

    /// `NaN`, `Inf` or `Infinity`.
    private mutating func readNotFinite() throws(JSONError) {
        if self.take(UInt8(ascii: "N")) {
            guard self.take(UInt8(ascii: "a")), self.take(UInt8(ascii: "N")) else { throw JSONError(.invalidValue, at: self.offset) }
            return
        }
        for letter in "Inf".utf8 where !self.take(letter) { throw JSONError(.invalidValue, at: self.offset) }
        guard self.peek == UInt8(ascii: "i") else { return }
        for letter in "inity".utf8 where !self.take(letter) { throw JSONError(.invalidValue, at: self.offset) }
    }

    private mutating func readExponent() throws(JSONError) -> Int {
        let isNegative = self.take(UInt8(ascii: "-"))
        if !isNegative { _ = self.take(UInt8(ascii: "+")) }
        let start = self.offset
        guard self.skipDigits() > 0 else { throw JSONError(.missingExponent, at: self.offset) }
        // Beyond any double long before it overflows.
        var value = 0
        for index in start..<self.offset where value < 100_000_000 { value = value * 10 + Int(self.text[index] - UInt8(ascii: "0")) }
        return isNegative ? -value : value
    }

    private mutating func skipDigits() -> Int {
        let start = self.offset
        while self.offset < self.text.count, 0x30...0x39 ~= self.text[self.offset] { self.offset += 1 }
        return self.offset - start
    }
}
