// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ModelServing

@Suite("Reading JSON")
struct JSONReaderTests {
    private func read(_ text: String) throws(JSONError) -> JSONValue { try JSONDocument(Array(text.utf8)).root }

    @Test(
        "what is no JSON is refused in RapidJSON's words, at its offsets",
        arguments: [
            ("", .documentEmpty, 0), ("  ", .documentEmpty, 2), (",", .documentEmpty, 0), ("x", .invalidValue, 0),
            ("nul", .invalidValue, 3), ("tru1", .invalidValue, 3), ("-", .invalidValue, 1), ("+1", .invalidValue, 0), ("Na", .invalidValue, 2),
            ("-Infx", nil, 0), ("Infix", .invalidValue, 4), ("1.", .missingFraction, 2), ("1.e", .missingFraction, 2), ("1e", .missingExponent, 2),
            ("1e+", .missingExponent, 3), (".5", .invalidValue, 0), ("1e309", .numberTooBig, 0), ("[ 1e309]", .numberTooBig, 2),
            ("[", .invalidValue, 1), ("[1", .missingCommaOrBracket, 2), ("[1 2", .missingCommaOrBracket, 3), ("[1,", .invalidValue, 3),
            ("[1,]", .invalidValue, 3), ("[,1]", .invalidValue, 1), ("{", .missingName, 1), ("{1", .missingName, 1), ("{\"a\"", .missingColon, 4),
            ("{\"a\" 1", .missingColon, 5), ("{\"a\":", .invalidValue, 5), ("{\"a\":}", .invalidValue, 5), ("{\"a\":1", .missingCommaOrBrace, 6),
            ("{\"a\":1,}", .missingName, 7), ("{\"a\":1 \"b\"", .missingCommaOrBrace, 7), ("\"a", .missingQuotationMark, 2),
            ("\"\u{1}\"", .invalidEncoding, 1), ("\"\\x\"", .invalidEscape, 1), ("\"\\u00g0\"", .invalidHexadecimal, 1),
            ("\"\\ud800\"", .invalidSurrogate, 1), ("\"\\udc00\"", .invalidSurrogate, 1), ("\"\\ud800\\u0041\"", .invalidSurrogate, 1),
        ] as [(String, JSONError.Reason?, Int)])
    func refused(text: String, reason: JSONError.Reason?, offset: Int) {
        let error: JSONError?
        do throws(JSONError) {
            _ = try self.read(text)
            error = nil
        } catch let failure {
            error = failure
        }
        #expect(error?.reason == reason)
        if let error { #expect(error.offset == offset) }
    }

    @Test("every text that is cut is refused")
    func truncations() throws {
        let text = "{\"a\": [1, -2.5e3, \"x\\u00e9\\n\", true, false, null, {\"b\": {}}], \"c\": NaN}"
        _ = try self.read(text)
        for length in 0..<text.utf8.count {
            #expect(throws: JSONError.self) { try JSONDocument(Array(text.utf8.prefix(length))) }
        }
    }

    @Test("members, elements, strings and numbers are found")
    func values() throws {
        let root = try self.read("\u{feff} {\"a\": [1, 2.5], \"a\": 0, \"b\\u0000\": \"\\ud83d\\ude00\\\"\\/\\t\"} behind")
        #expect(root.members.map(\.name) == [Array("a".utf8), Array("a".utf8), Array("b\0".utf8)])
        let list = try #require(root["a"])
        #expect(list.elements.map { $0.document.double($0.token) } == [1, 2.5])
        #expect(root["b\0"]?.string.map { String(decoding: $0, as: UTF8.self) } == "😀\"/\t")
        #expect(root["c"] == nil)
    }

    @Test(
        "numbers are read to the nearest double",
        arguments: [
            "0", "-0.0", "1", "-1", "0.1", "3.141592653589793", "1e22", "1e23", "9007199254740993", "123456789012345678901234567890", "5e-324",
            "2.2250738585072011e-308", "1.7976931348623157e308", "0.000001", "1E5", "1e-5", "8.5e+2", "0.30000000000000004",
        ])
    func numbers(text: String) throws {
        let value = try self.read(text)
        #expect(value.document.double(value.token).bitPattern == Double(text)?.bitPattern)
    }

    @Test("integers are taken where they fit")
    func integers() throws {
        func integer<Value: FixedWidthInteger>(_ text: String, _: Value.Type) throws -> Value? {
            let value = try self.read(text)
            return value.document.integer(value.token, as: Value.self)
        }
        #expect(try integer("-128", Int8.self) == -128)
        #expect(try integer("-129", Int8.self) == nil)
        #expect(try integer("255", UInt8.self) == 255)
        #expect(try integer("300", UInt8.self) == nil)
        #expect(try integer("-1", UInt8.self) == nil)
        #expect(try integer("18446744073709551615", UInt64.self) == .max)
        #expect(try integer("18446744073709551616", UInt64.self) == nil)
        #expect(try integer("-9223372036854775808", Int64.self) == .min)
        #expect(try integer("1.0", Int64.self) == nil)
        #expect(try integer("true", Int64.self) == nil)
    }

    @Test("a value is shown on one line, and cut where it is long")
    func description() throws {
        #expect("\(try self.read("{ \"a b\" :\n [1, \"x \\\" y\"] }"))" == "{\"a b\":[1,\"x \\\" y\"]}")
        let long = "\(try self.read("[\(String(repeating: "1,", count: 1000))1]"))"
        #expect(long.count == JSONValue.longestDescription + 3)
    }

    @Test("base64 is read with and without padding and among white space, and nothing else is")
    func base64() {
        #expect(Base64.decode(Array("AQID".utf8)) == [1, 2, 3])
        #expect(Base64.decode(Array("AQ".utf8)) == [1])
        #expect(Base64.decode(Array("A Q\n==".utf8)) == [1])
        #expect(Base64.decode([]) == [])
        for bad in ["A", "AQ=", "A?==", "A-__", "=AQ="] { #expect(Base64.decode(Array(bad.utf8)) == nil) }
    }
}

@Suite("Writing JSON")
struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "floats have six digits where those are enough, and are no integers",
        arguments: [
            (3, "3.0"), (0.2, "0.2"), (9_000_000, "9e+06"), (999_999, "999999.0"), (0.00003, "3e-05"), (555_557.5, "555557.5"), (0, "0.0"),
            (-0.0, "-0.0"),
            (1.4013e-38, "1.4013e-38"), (3.4028235e38, "3.40282347e+38"), (0.1, "0.1"), (16_777_216, "16777216.0"), (1.0 / 3, "0.333333343"),
            (100_000, "100000.0"), (1_000_000, "1e+06"), (0.0001, "0.0001"), (-2.5, "-2.5"), (123_456, "123456.0"), (1234567, "1234567.0"),
            (.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity"),
        ] as [(Float, String)])
    func float(value: Float, expected: String) { #expect(self.text { $0.write(value) } == expected) }

    @Test(
        "doubles likewise",
        arguments: [
            (3, "3.0"), (0.1, "0.1"), (1.0 / 3, "0.33333333333333331"), (1e300, "1e+300"), (123_456_789, "123456789.0"), (.infinity, "Infinity"),
        ] as [(Double, String)])
    func double(value: Double, expected: String) { #expect(self.text { $0.write(value) } == expected) }

    @Test("every float that is written reads back as the same")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Float(bitPattern: UInt32.random(in: 0..<0x7f80_0000, using: &generator))
            #expect(Float(self.text { $0.write(value) }) == value)
        }
    }

    @Test("strings are escaped")
    func strings() {
        #expect(self.text { $0.write(string: Array("a\"\\\n\u{1}\u{1f}/é".utf8)) } == "\"a\\\"\\\\\\n\\u0001\\u001F/é\"")
        #expect(self.text { $0.write(base64: [255]) } == "{\"b64\": \"/w==\"}")
    }
}
