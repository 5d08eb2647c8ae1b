// SPDX-License-Identifier: Apache-2.0

import ModelClient
import SavedModels
import Testing

@Suite("Inputs that a person writes")
struct PredictionInputTests {
    private static func info(_ dataType: DataType, _ shape: [Int]?) -> TensorInfo {
        TensorInfo(name: "x:0", dataType: dataType, shape: shape.map { TensorShape($0) } ?? .unknownRank)
    }

    private static func tensor(_ text: String, _ dataType: DataType, _ shape: [Int]?, _ form: PredictionInput.Form = .automatic) throws -> TensorValue
    {
        let signature = Signature(inputs: ["x": Self.info(dataType, shape)], outputs: [:])
        return try #require(try PredictionInput.tensors([PredictionInput(name: "x", value: Array(text.utf8), form: form)], for: signature)["x"])
    }

    @Test(
        "lists give the shape, and what leaves no choice is shaped as the model declares",
        arguments: [
            ("[[1, 2], [3, 4]]", [-1, 2], [2, 2]), ("[1, 2, 5]", [-1, 1], [3, 1]), ("4", [], []), ("4", [-1], [1]), ("4", [-1, 1], [1, 1]),
            ("[1, 2, 3, 4]", [2, 2], [2, 2]), ("[[1, 2], [3, 4]]", [-1, 2, 2], [1, 2, 2]), ("[1, 2, 3, 4]", [-1, 2], [2, 2]),
            ("[]", [-1], [0]), ("[[], []]", [-1, -1], [2, 0]), ("[[1], [2]]", nil, [2, 1]), ("4", [-1, -1], [1, 1]), ("[1, 5]", [1], [2]),
        ] as [(String, [Int]?, [Int])])
    func shapes(text: String, declared: [Int]?, shape: [Int]) throws {
        let tensor = try Self.tensor(text, .float, declared)
        #expect(tensor.shape == shape)
        #expect(tensor.numbers?.count == shape.reduce(1, *))
    }

    @Test(
        "what cannot be shaped or read is refused",
        arguments: [
            ("[[1], [2, 3]]", [-1, -1]), ("[1, [2]]", [-1]), ("[[1], 2]", [-1, 1]), ("[1, 2, 3]", [-1, 2]), ("[[1, 2]]", [-1, 2, 2, 2]),
            ("[1, 2", [-1]), ("[1,, 2]", [-1]), ("[1] 2", [-1]), ("", [-1]), ("one", [-1]), ("true", []), ("\"1\"", []), ("1e999x", []),
            ("[1,]", [-1]),
            ("[1]", [1 << 62, 4]), ("[1, 2]", [-1, 1 << 32, 1 << 32]), ("[[1]]", [.max, .max, .max]),
            (String(repeating: "[", count: 300), nil), ("{\"b64\": \"AA==\"}", []), ("0x10", []), ("nan", []), ("null", []), ("[[], [1]]", [-1, -1]),
        ] as [(String, [Int]?)])
    func refused(text: String, declared: [Int]?) {
        let error = #expect(throws: ModelClientError.self) { try Self.tensor(text, .float, declared) }
        #expect(error?.code == .badInput)
    }

    @Test("numbers keep the width of their type", arguments: [DataType.int8, .uint8, .int16, .uint16, .int32, .int64, .uint32, .uint64])
    func widths(dataType: DataType) throws {
        #expect(try Self.tensor("[1, 100]", dataType, [-1]).numbers == [1, 100])
        for text in ["99999999999999999999", "1.5", "1e3", "\"1\"", "true"] {
            #expect(throws: ModelClientError.self) { try Self.tensor(text, dataType, []) }
        }
    }

    @Test("a string input is a text as it is, or JSON strings in lists")
    func strings() throws {
        func strings(_ text: String, _ form: PredictionInput.Form = .automatic) throws -> [String]? {
            try Self.tensor(text, .string, [-1], form).strings?.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try strings("print(1)") == ["print(1)"])
        #expect(try strings("[1, 2]") == ["[1, 2]"])
        #expect(try strings("[\"a\\n\", \"\\u00e4\", {\"b64\": \"YmM=\"}]") == ["a\n", "ä", "bc"])
        #expect(try strings("[\"a\"]", .text) == ["[\"a\"]"])
        #expect(try strings("[\"a\"]", .file) == ["[\"a\"]"])
        #expect(try strings("[\"a\"]", .json) == ["a"])
        #expect(throws: ModelClientError.self) { try strings("[1]", .json) }
    }

    @Test("missing, unknown and repeated inputs are told by name")
    func names() {
        let signature = Signature(inputs: ["x": Self.info(.float, []), "y": Self.info(.string, [-1])], outputs: [:])
        func code(_ names: [String]) -> ModelClientError? {
            #expect(throws: ModelClientError.self) {
                try PredictionInput.tensors(names.map { PredictionInput(name: $0, value: Array("1".utf8), form: .automatic) }, for: signature)
            }
        }
        #expect(code(["x"])?.code == .missingInput)
        #expect(code(["x"])?.message.contains("y") == true)
        #expect(code(["x", "y", "z"])?.code == .unknownInput)
        #expect(code(["x", "x", "y"])?.code == .badInput)
    }

    @Test("answers are printed in their shape, with every character escaped that JSON wants escaped")
    func json() {
        #expect(TensorValue(floats: [1, 2.5, -.infinity, .nan], shape: [2, 2]).json == "[[1.0, 2.5], [-Infinity, NaN]]")
        #expect(TensorValue(strings: [Array("a\"\\\n\u{1}".utf8), [0xff]], shape: [2]).json == "[\"a\\\"\\\\\\n\\u0001\", {\"b64\": \"/w==\"}]")
        #expect(TensorValue(floats: [1], shape: []).json == "1.0")
        #expect(TensorValue(floats: [1, 2, 3], shape: [3]).summary(limit: 2) == "[1.0, 2.0, ... 1 more]")
    }
}
