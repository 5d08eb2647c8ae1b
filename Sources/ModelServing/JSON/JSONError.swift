// SPDX-License-Identifier: Apache-2.0

/// Why a text is no JSON, and where: in the words of RapidJSON, which TensorFlow Serving passes on.
package struct JSONError: Error, Hashable, Sendable {
    /// The kind of failure; the raw value is what clients read.
    package enum Reason: String, Sendable {
        case documentEmpty = "The document is empty."
        case invalidValue = "Invalid value."
        case missingName = "Missing a name for object member."
        case missingColon = "Missing a colon after a name of object member."
        case missingCommaOrBrace = "Missing a comma or } after an object member."
        case missingCommaOrBracket = "Missing a comma or ] after an array element."
        case invalidHexadecimal = "Incorrect hex digit after \\u escape in string."
        case invalidSurrogate = "The surrogate pair in string is invalid."
        case invalidEscape = "Invalid escape character in string."
        case missingQuotationMark = "Missing a closing quotation mark in string."
        case invalidEncoding = "Invalid encoding in string."
        case numberTooBig = "Number too big to be stored in double."
        case missingFraction = "Miss fraction part in number."
        case missingExponent = "Miss exponent in number."
        case tooLarge = "The document is too large."
    }

    package let reason: Reason
    /// Where in the text, in bytes.
    package let offset: Int

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
