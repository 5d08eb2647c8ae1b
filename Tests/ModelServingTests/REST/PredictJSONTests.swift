// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import Testing

@testable import ModelServing

@Suite("Tensors in JSON")
struct PredictJSONTests {
    private func read(_ text: String, _ types: [String: Tensorflow_DataType]) throws -> [(name: String, tensor: Tensor)] {
        try PredictJSON(try JSONDocument(Array(text.utf8)), inputs: types.mapValues { type in .with { $0.dtype = type } }).tensors
    }

    private func write(_ outputs: [(alias: String, tensor: Tensor)], _ format: PredictJSON.Format) throws -> String {
        String(decoding: try TensorsJSON(outputs).text(format), as: UTF8.self).filter { $0 != "\n" && $0 != " " }
    }

    @Test(
        "what each data type accepts, and how it is written",
        arguments: [
            (.dtFloat, "[1,-2.5,1e3]", "[1.0,-2.5,1000.0]"), (.dtDouble, "[1,0.1,NaN]", "[1.0,0.1,NaN]"),
            (.dtInt8, "[-128,127]", "[-128,127]"), (.dtInt16, "[-32768,32767]", "[-32768,32767]"), (.dtInt32, "[2147483647]", "[2147483647]"),
            (.dtInt64, "[-9223372036854775808]", "[-9223372036854775808]"), (.dtUint8, "[0,255]", "[0,255]"),
            (.dtUint32, "[4294967295]", "[4294967295]"), (.dtUint64, "[18446744073709551615]", "[18446744073709551615]"),
            (.dtBool, "[true,false]", "[true,false]"), (.dtString, "[\"a\\n\",{\"b64\":\"AQ\"}]", "[\"a\\n\",\"\\u0001\"]"),
            (.dtFloat, "[[1],[2]]", "[[1.0],[2.0]]"), (.dtFloat, "[]", "[]"), (.dtFloat, "[[],[]]", "[[],[]]"), (.dtFloat, "4", "4.0"),
            (.UNRECOGNIZED(101), "[1]", "[1.0]"), (.dtUint32, "[-0]", "[0]"), (.dtInt64, "[0]", "[0]"),
            // Beyond 64 bits, beyond a float, and below its smallest.
            (.dtDouble, "[18446744073709551616]", "[1.8446744073709552e+19]"), (.dtFloat, "[3.5e38,-3.5e38,1e-50]", "[Infinity,-Infinity,0.0]"),
            (.dtFloat, "[-0,-0.0]", "[0.0,-0.0]"), (.dtFloat, "[0.1,16777217,1e7]", "[0.1,16777216.0,1e+07]"),
            (.dtDouble, "[-Inf,Infinity]", "[-Infinity,Infinity]"),
            (.dtString, "[\"\\u00e9\\ud83d\\ude00\",\"é\",\"\"]", "[\"é😀\",\"é\",\"\"]"), (.dtString, "{\"b64\":\"YQ==\"}", "\"a\""),
            (.dtString, "[[{\"b64\":\" YWI \"}],[\"c\"]]", "[[\"ab\"],[\"c\"]]"), (.dtString, "[\"NaN\",\"true\"]", "[\"NaN\",\"true\"]"),
        ] as [(Tensorflow_DataType, String, String)])
    func types(type: Tensorflow_DataType, input: String, output: String) throws {
        let tensors = try self.read("{\"inputs\": \(input)}", ["x": type])
        #expect(tensors.map(\.name) == ["x"])
        #expect(try self.write([("y", tensors[0].tensor)], .column) == "{\"outputs\":\(output)}")
    }

    @Test(
        "what each data type refuses",
        arguments: [
            (.dtInt8, "128", .invalidArgument, "JSON Value: 128 Type: Number is not of expected type: int8"),
            (.dtUint8, "-1", .invalidArgument, "JSON Value: -1 Type: Number is not of expected type: uint8"),
            (.dtInt32, "1.0", .invalidArgument, "JSON Value: 1.0 Type: Number is not of expected type: int32"),
            (.dtInt64, "1e3", .invalidArgument, "JSON Value: 1e3 Type: Number is not of expected type: int64"),
            (.dtUint32, "4294967296", .invalidArgument, "JSON Value: 4294967296 Type: Number is not of expected type: uint32"),
            (.dtBool, "1", .invalidArgument, "JSON Value: 1 Type: Number is not of expected type: bool"),
            (.dtString, "1", .invalidArgument, "JSON Value: 1 Type: Number is not of expected type: string"),
            (.dtHalf, "1", .unimplemented, "Conversion of JSON Value: 1 to type: half"),
            (.dtBfloat16, "[1]", .unimplemented, "Conversion of JSON Value: 1 to type: bfloat16"),
            (.dtInt64, "9223372036854775808", .invalidArgument, "JSON Value: 9223372036854775808 Type: Number is not of expected type: int64"),
            (.dtUint64, "-1", .invalidArgument, "JSON Value: -1 Type: Number is not of expected type: uint64"),
            (.dtBool, "\"true\"", .invalidArgument, "JSON Value: \"true\" Type: String is not of expected type: bool"),
            (.dtFloat, "\"1\"", .invalidArgument, "JSON Value: \"1\" Type: String is not of expected type: float"),
            (.dtString, "[null]", .invalidArgument, "JSON Value: null Type: Null is not of expected type: string"),
            (.dtString, "true", .invalidArgument, "JSON Value: true Type: True is not of expected type: string"),
            (.dtString, "[{\"b64\":1}]", .invalidArgument, "JSON Value: {\"b64\":1} not formatted correctly for base64 data"),
            (.dtString, "[{\"b64\":\"A===\"}]", .invalidArgument, "Unable to base64 decode"),
            (.dtInt32, "[NaN]", .invalidArgument, "JSON Value: NaN Type: Number is not of expected type: int32"),
            (.dtFloat, "[[1],[2,3]]", .invalidArgument, "Encountered list at unexpected size: 2 at level: 1 expected size: 1"),
            (.dtFloat, "[1,[]]", .invalidArgument, "Encountered list at unexpected level: 1 expected < 1"),
            (.dtFloat, "[[],1]", .invalidArgument, "JSON Value: 1 found at incorrect level: 2 in the JSON DOM. Expected at level: 2"),
            (.dtComplex64, "[1]", .unimplemented, "Conversion of JSON Value: 1 to type: complex64"),
            (.dtHalf, "{\"b64\":\"\"}", .invalidArgument, "JSON Value: {\"b64\":\"\"} Type: Object is not of expected type: half"),
        ] as [(Tensorflow_DataType, String, RequestError.Code, String)])
    func refused(type: Tensorflow_DataType, input: String, code: RequestError.Code, message: String) {
        #expect(throws: RequestError(code, message)) { try self.read("{\"inputs\": \(input)}", ["x": type]) }
    }

    @Test("rows of objects make a tensor an input; columns need every input")
    func severalInputs() throws {
        let rows = try self.read(
            "{\"instances\": [{\"a\": [1, 2], \"b\": \"x\"}, {\"b\": \"y\", \"a\": [3, 4]}]}", ["a": .dtFloat, "b": .dtString])
        #expect(rows.map(\.tensor.shape) == [[2, 2], [2]])
        #expect(rows[0].tensor.values(as: Float.self) == [1, 2, 3, 4])
        #expect(rows[1].tensor.strings == [Array("x".utf8), Array("y".utf8)])
        #expect(try self.read("{\"inputs\": {\"b\": 1, \"a\": 2}}", ["a": .dtInt32, "b": .dtInt32]).map(\.name) == ["a", "b"])
        let plain = "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map"
        #expect(throws: RequestError(.invalidArgument, plain)) { try self.read("{\"instances\": [1]}", ["a": .dtFloat, "b": .dtFloat]) }
        let column = "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map"
        #expect(throws: RequestError(.invalidArgument, column)) { try self.read("{\"inputs\": [1]}", ["a": .dtFloat, "b": .dtFloat]) }
    }

    @Test("several outputs are objects; those of bytes are base64")
    func severalOutputs() throws {
        let scores = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        let bytes = try Tensor(strings: [[255], []], shape: [2])
        #expect(
            try self.write([("s", scores), ("x_bytes", bytes)], .row)
                == "{\"predictions\":[{\"s\":[1.0,2.0],\"x_bytes\":{\"b64\":\"/w==\"}},{\"s\":[3.0,4.0],\"x_bytes\":{\"b64\":\"\"}}]}")
        #expect(
            try self.write([("s", scores), ("x_bytes", bytes)], .column)
                == "{\"outputs\":{\"s\":[[1.0,2.0],[3.0,4.0]],\"x_bytes\":[{\"b64\":\"/w==\"},{\"b64\":\"\"}]}}")
    }

    @Test("outputs that make no rows are refused in TensorFlow Serving's words")
    func noRows() throws {
        let scalar = try Tensor([1] as [Float], shape: [])
        let one = try Tensor([1] as [Float], shape: [1])
        let two = try Tensor([1, 2] as [Float], shape: [2])
        #expect(throws: RequestError(.invalidArgument, "Tensor name: y has no shape information ")) { try self.write([("y", scalar)], .row) }
        #expect(throws: RequestError(.invalidArgument, "Tensor name: z has inconsistent batch size: 2 expecting: 1")) {
            try self.write([("y", one), ("z", two)], .row)
        }
        #expect(throws: RequestError(.invalidArgument, "Cannot convert empty tensor map to JSON")) { try self.write([], .row) }
        let half = try unsafe Tensor(dataType: .half, shape: [1]) { _ in }
        #expect(throws: RequestError(.invalidArgument, "Failed to write JSON value for tensor type: half")) { try self.write([("y", half)], .row) }
        #expect(try self.write([("y", try Tensor([Float](), shape: [0, 3]))], .row) == "{\"predictions\":[]}")
    }
}
