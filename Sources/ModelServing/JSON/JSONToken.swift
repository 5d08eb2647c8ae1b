// SPDX-License-Identifier: Apache-2.0

/// One value of a JSON text: what it is, where it lies, and where the next one is.
///
/// The name of an object's member is a token of its own, before the member's value.
struct JSONToken: Sendable {
    enum Kind: UInt8, Sendable {
        case null, `false`, `true`
        /// A number without fraction and exponent.
        case integer
        /// Any other number, `NaN` and the infinities among them.
        case real
        case string
        /// A string with at least one escape sequence.
        case escapedString
        case array, object
    }

    let kind: Kind
    /// Where the value's text begins; that of a string behind its quotation mark.
    let start: UInt32
    /// Where it ends; that of a string before its quotation mark.
    var end: UInt32
    /// How many elements an array or members an object has.
    var count: UInt32 = 0
    /// The index of the first token that is no part of this value.
    var next: UInt32

    var range: Range<Int> { Int(self.start)..<Int(self.end) }
    var isNumber: Bool { self.kind == .integer || self.kind == .real }
    var isString: Bool { self.kind == .string || self.kind == .escapedString }
}
