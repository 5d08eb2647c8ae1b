// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A JSON text with the tokens that were read from it.
package struct JSONDocument: Sendable {
    let text: [UInt8]
    let tokens: [JSONToken]

    /// Reads the first value of a text.
    package init(_ text: [UInt8]) throws(JSONError) {
        var reader = JSONReader(text.span)
        self.tokens = try reader.read()
        self.text = text
    }

    /// The value that the text stands for.
    var root: JSONValue { JSONValue(document: self, index: 0) }

    /// The number at a token, as a double.
    func double(_ token: JSONToken) -> Double {
        let value = JSONNumber.double(self.text.span.extracting(token.range))
        // To RapidJSON `-0` is an integer, and those have no negative zero; adding a positive one leaves all other numbers as they are.
        return token.kind == .integer ? value + 0 : value
    }

    /// The integer at a token, if `Integer` can hold it; `nil` for any other value.
    func integer<Integer: FixedWidthInteger>(_ token: JSONToken, as type: Integer.Type = Integer.self) -> Integer? {
        token.kind == .integer ? JSONNumber.integer(self.text.span.extracting(token.range), as: type) : nil
    }

    /// The bytes that the string at a token stands for.
    func string(_ token: JSONToken) -> [UInt8] {
        let text = self.text.span.extracting(token.range)
        return token.kind == .escapedString ? JSONString.unescaped(text) : [UInt8](copying: text)
    }
}
