// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import Testing

@testable import ModelServing

/// The combinations that upstream's own tests of its JSON (`json_tensor_test.cc`) go through, one row each, beside those of
/// ``PredictJSONTests``.
@Suite("Rows and columns in JSON")
struct PredictRowsTests {
    private static func read(_ text: String, _ types: [String: Tensorflow_DataType]) throws -> PredictJSON {
        try PredictJSON(try JSONDocument(Array(text.utf8)), inputs: types.mapValues { type in .with { $0.dtype = type } })
    }

    /// Tensors as text: the name, and the elements in lists that tell the shape.
    private static func describe(_ tensors: [(name: String, tensor: Tensor)]) throws -> [String] {
        try tensors.map { name, tensor in
            let column = String(decoding: try TensorsJSON([("y", tensor)]).text(.column), as: UTF8.self)
            return "\(name): \(column.dropFirst("{\n    \"outputs\": ".count).dropLast(2))"
        }
    }

    @Test(
        "are read into one tensor an input",
        arguments: [
            ("{\"instances\": [[1, 2], [3, 4], [5, 6]]}", ["x": .dtInt32], ["x: [[1, 2], [3, 4], [5, 6]]"]),
            ("{\"instances\": [[1, 2]], \"signature_name\": \"other\"}", ["x": .dtInt32], ["x: [[1, 2]]"]),
            ("{\"instances\": [7, 0.25, 7.003, 0.0, 0]}", ["x": .dtFloat], ["x: [7.0, 0.25, 7.003, 0.0, 0.0]"]),
            ("{\"instances\": [0.662, 1, 0, 0.0]}", ["x": .dtDouble], ["x: [0.662, 1.0, 0.0, 0.0]"]),
            // What is behind the document is passed over.
            ("{\"instances\": [[1, 2]]}]", ["x": .dtInt32], ["x: [[1, 2]]"]),
            ("{\"instances\": [{\"b64\": \"YQ==\"}, {\"b64\": \"Yg==\"}]}", ["x": .dtString], ["x: [\"a\", \"b\"]"]),
            ("{\"instances\": [[{\"b64\": \"YQ==\"}], [\"b\"]]}", ["x": .dtString], ["x: [[\"a\"], [\"b\"]]"]),
            ("{\"instances\": [{\"x\": [[{\"b64\": \"YQ==\"}], [{\"b64\": \"Yg==\"}]]}]}", ["x": .dtString], ["x: [[[\"a\"], [\"b\"]]]"]),
            ("{\"instances\": [{\"x\": {\"b64\": \"YQ==\"}}, {\"x\": \"b\"}]}", ["x": .dtString], ["x: [\"a\", \"b\"]"]),
            // An input may be called as the key of base64 is: then its value is no string.
            ("{\"instances\": [{\"b64\": [1]}, {\"b64\": [2]}]}", ["b64": .dtFloat], ["b64: [[1.0], [2.0]]"]),
            (
                "{\"instances\": [{\"i\": [[1, 2], [3, 4]], \"s\": [\"p\", \"q\"], \"f\": [1.5, NaN], \"d\": [-Infinity]},"
                    + " {\"d\": [2.0], \"f\": [2, Infinity], \"s\": [\"r\", \"t\"], \"i\": [[5, 6], [7, 8]]}]}",
                ["i": .dtInt32, "s": .dtString, "f": .dtFloat, "d": .dtDouble],
                [
                    "d: [[-Infinity], [2.0]]", "f: [[1.5, NaN], [2.0, Infinity]]", "i: [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]",
                    "s: [[\"p\", \"q\"], [\"r\", \"t\"]]",
                ]
            ),
            ("{\"inputs\": {\"x\": [[[1, 2], [3, 4]]]}}", ["x": .dtInt32], ["x: [[[1, 2], [3, 4]]]"]),
            ("{\"inputs\": [[[1, 2], [3, 4]]]}", ["x": .dtInt32], ["x: [[[1, 2], [3, 4]]]"]),
            (
                "{\"inputs\": {\"i\": [[1, 2]], \"s\": [\"p\", \"q\"], \"b\": {\"b64\": \"YQ==\"}, \"other\": null}}",
                ["i": .dtInt32, "s": .dtString, "b": .dtString], ["b: \"a\"", "i: [[1, 2]]", "s: [\"p\", \"q\"]"]
            ),
        ] as [(String, [String: Tensorflow_DataType], [String])])
    func read(text: String, types: [String: Tensorflow_DataType], tensors: [String]) throws {
        #expect(try Self.describe(try Self.read(text, types).tensors) == tensors)
    }

    @Test(
        "that do not fit are refused",
        arguments: [
            ("{\"instances\": [[1, 2], [3, 4], [5, 6, 7]]}", ["x": .dtInt32], "Expecting tensor size: 2 but got: 3"),
            ("{\"instances\": [[1, 2], [3, 4], [[5, 6]]]}", ["x": .dtInt32], "Expecting shape [2] but got: [1,2]"),
            ("{\"instances\": [1, [1]]}", ["x": .dtInt32], "Expecting shape [] but got: [1]"),
            ("{\"instances\": [[1], 1]}", ["x": .dtInt32], "Expecting shape [1] but got: []"),
            (
                "{\"instances\": [[1, 2], [\"a\", \"b\"]]}", ["x": .dtInt32],
                "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \"a\" Type: String is not of expected type: int32"
            ),
            (
                "{\"instances\": [{\"i\": [[1, 2]], \"s\": \"p\"}, {\"i\": [[[1, 2]]], \"s\": \"p\"}]}", ["i": .dtInt32, "s": .dtString],
                "Failed to process element: 1 key: i of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [1,2] but got: [1,1,2]"
            ),
            (
                "{\"instances\": [{\"i\": [1, 2, 3], \"s\": \"p\"}, {\"i\": [1, 2], \"s\": \"p\"}]}", ["i": .dtInt32, "s": .dtString],
                "Failed to process element: 1 key: i of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 3 but got: 2"
            ),
            (
                "{\"instances\": [{\"i\": [1], \"s\": \"p\"}, [1]]}", ["i": .dtInt32, "s": .dtString],
                "Expecting object but got list at item 1 of input list"
            ),
            ("{\"instances\": [[\"p\"], {\"x\": [\"q\"]}]}", ["x": .dtString], "Expecting value/list but got object at item 1 of input list"),
            ("{\"instances\": [{\"x\": \"q\"}, {\"b64\": \"YQ==\"}]}", ["x": .dtString], "Expecting object but got list at item 1 of input list"),
            // A value is looked at before the names are counted.
            (
                "{\"instances\": [{\"i\": null}]}", ["i": .dtInt32, "s": .dtString],
                "Failed to process element: 0 key: i of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: null Type: Null is not of expected type: int32"
            ),
            (
                "{\"instances\": [{\"i\": 1}]}", ["i": .dtInt32, "s": .dtString],
                "Failed to process element: 0 of 'instances' list. JSON object: {\"i\":1} keys must be equal to: i,s"
            ),
            (
                "{\"instances\": [{\"i\": 1, \"z\": 1}]}", ["i": .dtInt32],
                "Failed to process element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: z"
            ),
            ("{\"inputs\": {\"i\": 1}}", ["i": .dtInt32, "s": .dtString], "Missing named input: s in 'inputs' object."),
            ("{\"inputs\": {\"i\": [[1], [2, 3]]}}", ["i": .dtInt32], "Encountered list at unexpected size: 2 at level: 1 expected size: 1"),
            ("{}", ["x": .dtInt32], "Missing 'inputs' or 'instances' key"),
            (
                "{\"inputs\": [1], \"instances\": [1]}", ["x": .dtInt32],
                "JSON Value: {\"inputs\":[1],\"instances\":[1]} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
            ),
            ("{\"instances\": []}", ["x": .dtInt32], "JSON Value: {\"instances\":[]} No values in 'instances' array"),
        ] as [(String, [String: Tensorflow_DataType], String)])
    func refused(text: String, types: [String: Tensorflow_DataType], message: String) throws {
        let error = #expect(throws: RequestError.self) { try Self.read(text, types) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasSuffix(message) == true, "\(error?.message ?? "")")
    }

    /// Outputs and what is written of them in rows and in columns, without white space.
    private static let written: [(outputs: [(alias: String, tensor: Tensor)], row: String, column: String)] = {
        do {
            let matrix = try Tensor([1, 2, 3, 4] as [Int32], shape: [2, 1, 2])
            let words = try Tensor(strings: ["p", "q", "r", "s"].map { Array($0.utf8) }, shape: [2, 2])
            return [
                ([("y", matrix)], "{\"predictions\":[[[1,2]],[[3,4]]]}", "{\"outputs\":[[[1,2]],[[3,4]]]}"),
                ([("y", try Tensor([5, 6] as [Int32], shape: [2]))], "{\"predictions\":[5,6]}", "{\"outputs\":[5,6]}"),
                (
                    [("y_bytes", words)], "{\"predictions\":[[{\"b64\":\"cA==\"},{\"b64\":\"cQ==\"}],[{\"b64\":\"cg==\"},{\"b64\":\"cw==\"}]]}",
                    "{\"outputs\":[[{\"b64\":\"cA==\"},{\"b64\":\"cQ==\"}],[{\"b64\":\"cg==\"},{\"b64\":\"cw==\"}]]}"
                ),
                // The suffix means nothing for what is no string.
                ([("y_bytes", try Tensor([1] as [Int64], shape: [1]))], "{\"predictions\":[1]}", "{\"outputs\":[1]}"),
                (
                    [("y", try Tensor([.nan, .infinity, 3, -.infinity] as [Float], shape: [2, 2]))],
                    "{\"predictions\":[[NaN,Infinity],[3.0,-Infinity]]}", "{\"outputs\":[[NaN,Infinity],[3.0,-Infinity]]}"
                ),
                (
                    [("d", try Tensor([8, 9] as [Double], shape: [2])), ("i", matrix), ("s", words)],
                    "{\"predictions\":[{\"d\":8.0,\"i\":[[1,2]],\"s\":[\"p\",\"q\"]},{\"d\":9.0,\"i\":[[3,4]],\"s\":[\"r\",\"s\"]}]}",
                    "{\"outputs\":{\"d\":[8.0,9.0],\"i\":[[[1,2]],[[3,4]]],\"s\":[[\"p\",\"q\"],[\"r\",\"s\"]]}}"
                ),
                ([("y", try Tensor([Int32](), shape: [0, 2]))], "{\"predictions\":[]}", "{\"outputs\":[]}"),
                (
                    [("a", try Tensor(strings: [], shape: [0, 1, 2])), ("b", try Tensor([Float](), shape: [0, 3]))],
                    "{\"predictions\":[]}", "{\"outputs\":{\"a\":[],\"b\":[]}}"
                ),
                ([("y", try Tensor([Float](), shape: [2, 0]))], "{\"predictions\":[[],[]]}", "{\"outputs\":[[],[]]}"),
                // Of a type that has no form in JSON there may be a tensor without elements.
                ([("y", try unsafe Tensor(dataType: .half, shape: [0]) { _ in })], "{\"predictions\":[]}", "{\"outputs\":[]}"),
                ([("y", try unsafe Tensor(dataType: .complex64, shape: [1, 0]) { _ in })], "{\"predictions\":[[]]}", "{\"outputs\":[[]]}"),
            ]
        } catch {
            // A table that cannot be made fails the test that counts it.
            return []
        }
    }()

    @Test("are written of all outputs")
    func write() throws {
        #expect(Self.written.count == 11)
        for (outputs, row, column) in Self.written {
            let json = try TensorsJSON(outputs)
            for (format, expected) in [(PredictJSON.Format.row, row), (.column, column)] {
                #expect(String(decoding: try json.text(format), as: UTF8.self).filter { !$0.isWhitespace } == expected)
            }
        }
    }

    @Test("that cannot be written are refused, rows that do not go together first")
    func unwritable() throws {
        func refusal(_ outputs: [(alias: String, tensor: Tensor)], _ format: PredictJSON.Format) throws -> String? {
            #expect(throws: RequestError.self) { try TensorsJSON(outputs).text(format) }?.message
        }
        let none = try Tensor([Int32](), shape: [0, 2])
        let one = try Tensor(strings: [[112]], shape: [1])
        #expect(try refusal([("a", none), ("b", one)], .row) == "Tensor name: b has inconsistent batch size: 1 expecting: 0")
        #expect(try refusal([("a", one), ("b", none)], .row) == "Tensor name: b has inconsistent batch size: 0 expecting: 1")
        let complex = try unsafe Tensor(dataType: .complex64, shape: [2]) { _ in }
        #expect(try refusal([("y", complex)], .row) == "Failed to write JSON value for tensor type: complex64")
        #expect(try refusal([("y", complex)], .column) == "Failed to write JSON value for tensor type: complex64")
        #expect(try refusal([("a", complex), ("b", one)], .row) == "Tensor name: b has inconsistent batch size: 1 expecting: 2")
        let scalar = try unsafe Tensor(dataType: .half, shape: []) { _ in }
        #expect(try refusal([("y", scalar)], .row) == "Tensor name: y has no shape information ")
        #expect(try refusal([("y", scalar)], .column) == "Failed to write JSON value for tensor type: half")
    }
}
