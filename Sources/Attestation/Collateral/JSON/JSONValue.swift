// SPDX-License-Identifier: Apache-2.0

/// A JSON value that remembers where its objects stand in the text, so that what is signed and what is read are the same bytes.
enum JSONValue: Sendable {
    case object(JSONObject)
    case array([JSONValue])
    case string(String)
    /// A whole number without fraction and exponent that fits.
    case integer(Int)
    /// Any other number; no field of ours has one.
    case otherNumber
    case boolean(Bool)
    case null
}

/// A JSON object with unique member names.
struct JSONObject: Sendable {
    /// The members in the order of the text.
    let members: [(name: String, value: JSONValue)]
    /// Where the object stands in the text, braces included.
    let range: Range<Int>

    subscript(name: String) -> JSONValue? { self.members.first { $0.name == name }?.value }
}
