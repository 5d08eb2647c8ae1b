// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A JSON value that can stand for a tensor: a scalar, or lists in lists that all have the same length at each level.
///
/// Strings may also be written `{"b64": "..."}`, as in TensorFlow Serving's REST API.
struct JSONTensor {
    /// One element as it stands in the text, so that no digit is lost before the tensor's type is known.
    enum Scalar: Hashable {
        case number(String)
        case bool(Bool)
        case string([UInt8])
    }

    /// Lists are not nested deeper; TensorFlow's own limit of dimensions.
    static let maximumRank = 254

    private(set) var shape: [Int] = []
    private(set) var scalars: [Scalar] = []

    private var text: ArraySlice<UInt8>

    /// Reads a whole text.
    ///
    /// - Throws: ``JSONTensorError`` with the offset of what is wrong.
    init(decoding text: [UInt8]) throws(JSONTensorError) {
        self.text = text[...]
        try self.readValue(level: 0)
        self.skipSpace()
        guard self.text.isEmpty else { throw self.error("something follows the value") }
    }

    /// The text without the lists around it is one scalar or a list's worth of them.
    private mutating func readValue(level: Int) throws(JSONTensorError) {
        self.skipSpace()
        guard let first = self.text.first else { throw self.error("the text ends too early") }
        if first == UInt8(ascii: "[") { return try self.readList(level: level) }
        // The first scalar fixes how deep the lists go; `shape` has an entry for each level by then.
        guard self.scalars.isEmpty && self.rankIsOpen || level == self.shape.count else { throw self.error("a value stands where a list belongs") }
        self.rankIsOpen = false
        self.scalars.append(try self.readScalar(first))
    }

    /// Whether no innermost element has been seen yet, so that the number of dimensions may still grow.
    private var rankIsOpen = true

    private mutating func readList(level: Int) throws(JSONTensorError) {
        guard level < Self.maximumRank else { throw self.error("lists are nested deeper than \(Self.maximumRank)") }
        guard level < self.shape.count || self.rankIsOpen else { throw self.error("a list stands where a value belongs") }
        let isFirst = level == self.shape.count
        if isFirst { self.shape.append(0) }
        self.text.removeFirst()
        var count = 0
        self.skipSpace()
        if self.text.first == UInt8(ascii: "]") {
            self.text.removeFirst()
            self.rankIsOpen = false
        } else {
            repeat {
                try self.readValue(level: level + 1)
                count += 1
                self.skipSpace()
            } while self.take(UInt8(ascii: ","))
            guard self.take(UInt8(ascii: "]")) else { throw self.error("a list is not closed") }
        }
        if isFirst {
            self.shape[level] = count
        } else if self.shape[level] != count {
            throw self.error("a list of \(count) stands beside one of \(self.shape[level])")
        }
    }

    private mutating func readScalar(_ first: UInt8) throws(JSONTensorError) -> Scalar {
        switch first {
        case UInt8(ascii: "\""): return .string(try self.readString())
        case UInt8(ascii: "{"): return .string(try self.readBase64())
        default:
            let word = self.text.prefix { !Self.endsWord.contains($0) }
            self.text = self.text[word.endIndex...]
            switch String(decoding: word, as: UTF8.self) {
            case "true": return .bool(true)
            case "false": return .bool(false)
            case let number where Self.isNumber(number): return .number(number)
            case let other: throw self.error("'\(other.prefix(20))' is no value")
            }
        }
    }

    private static let endsWord = Set(",]}[{\": \t\r\n".utf8)
    private static let specialNumbers: Set<String> = ["NaN", "Infinity", "-Infinity"]

    private static func isNumber(_ word: String) -> Bool {
        Self.specialNumbers.contains(word) || word.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && Double(word) != nil
    }

    /// Reads a JSON string with Foundation's decoder, which knows all escapes.
    private mutating func readString() throws(JSONTensorError) -> [UInt8] {
        var end = self.text.startIndex + 1
        while end < self.text.endIndex, self.text[end] != UInt8(ascii: "\"") { end += self.text[end] == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < self.text.endIndex else { throw self.error("a string is not closed") }
        guard let string = try? JSONDecoder().decode(String.self, from: Data(self.text[...end])) else { throw self.error("a string is malformed") }
        self.text = self.text[(end + 1)...]
        return Array(string.utf8)
    }

    private mutating func readBase64() throws(JSONTensorError) -> [UInt8] {
        self.text.removeFirst()
        self.skipSpace()
        guard self.text.first == UInt8(ascii: "\""), try self.readString() == Array("b64".utf8) else {
            throw self.error("an object is not {\"b64\": ...}")
        }
        self.skipSpace()
        guard self.take(UInt8(ascii: ":")) else { throw self.error("an object is not {\"b64\": ...}") }
        self.skipSpace()
        guard self.text.first == UInt8(ascii: "\"") else { throw self.error("b64 is no string") }
        guard let data = Data(base64Encoded: Data(try self.readString())) else { throw self.error("b64 is no base64") }
        self.skipSpace()
        guard self.take(UInt8(ascii: "}")) else { throw self.error("an object is not {\"b64\": ...}") }
        return [UInt8](data)
    }

    private mutating func skipSpace() {
        self.text = self.text.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.text.first == byte else { return false }
        self.text.removeFirst()
        return true
    }

    private func error(_ problem: String) -> JSONTensorError { JSONTensorError(offset: self.text.startIndex, problem: problem) }
}

/// Why a JSON text does not stand for a tensor.
struct JSONTensorError: Error, Hashable {
    let offset: Int
    let problem: String
}
