// SPDX-License-Identifier: Apache-2.0

/// One value of a JSON document.
struct JSONValue {
    /// How much of a value a message shows, in bytes.
    static let longestDescription = 256

    let document: JSONDocument
    let index: Int

    var token: JSONToken { self.document.tokens[self.index] }
    var isObject: Bool { self.token.kind == .object }
    var isArray: Bool { self.token.kind == .array }

    /// The name of the value's type, as messages give it.
    var typeName: String {
        switch self.token.kind {
        case .null: "Null"
        case .false: "False"
        case .true: "True"
        case .integer, .real: "Number"
        case .string, .escapedString: "String"
        case .array: "Array"
        case .object: "Object"
        }
    }

    /// The bytes of a string; `nil` for any other value.
    var string: [UInt8]? { self.token.isString ? self.document.string(self.token) : nil }

    /// The elements of an array, in order; nothing for any other value.
    var elements: some Sequence<JSONValue> {
        let (document, end) = (self.document, self.isArray ? Int(self.token.next) : self.index + 1)
        return sequence(state: self.index + 1) { (index: inout Int) -> JSONValue? in
            guard index < end else { return nil }
            defer { index = Int(document.tokens[index].next) }
            return JSONValue(document: document, index: index)
        }
    }

    /// The members of an object, in order; nothing for any other value.
    var members: some Sequence<(name: [UInt8], value: JSONValue)> {
        let (document, end) = (self.document, self.isObject ? Int(self.token.next) : self.index + 1)
        return sequence(state: self.index + 1) { (index: inout Int) -> (name: [UInt8], value: JSONValue)? in
            guard index < end else { return nil }
            let name = document.string(document.tokens[index])
            let value = JSONValue(document: document, index: index + 1)
            index = Int(value.token.next)
            return (name, value)
        }
    }

    /// The first member of a name.
    subscript(name: String) -> JSONValue? {
        let wanted = Array(name.utf8)
        return self.members.first { $0.name == wanted }?.value
    }

    /// The text of an object whose only member is `b64`, a string; `nil` for any other value.
    var base64Text: [UInt8]? {
        guard self.isObject, self.token.count == 1 else { return nil }
        return self["b64"]?.string
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value's text on one line, without blanks, and cut where it is long.
    var description: String {
        let text = self.document.text
        let range = self.token.isString ? Int(self.token.start) - 1..<Int(self.token.end) + 1 : self.token.range
        var bytes: [UInt8] = []
        var isInString = false
        var index = range.lowerBound
        while index < range.upperBound, bytes.count < Self.longestDescription {
            let byte = text[index]
            index += 1
            let isSpace = byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
            if !isInString, isSpace { continue }
            bytes.append(byte)
            if isInString, byte == UInt8(ascii: "\\"), index < range.upperBound {
                bytes.append(text[index])
                index += 1
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            }
        }
        return String(decoding: bytes, as: UTF8.self) + (index < range.upperBound ? "..." : "")
    }
}
