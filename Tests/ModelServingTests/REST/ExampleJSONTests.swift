// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import Testing

@testable import ModelServing

/// Likewise after upstream's own tests of its JSON (`json_tensor_test.cc`), whose part this is of examples.
@Suite("Examples in JSON")
struct ExampleJSONTests {
    private static func read(_ text: String) throws -> ExampleInput { try ExampleJSON.input(try JSONDocument(Array(text.utf8)).root) }

    /// Examples as text: each feature's name, kind and values, by name.
    private static func describe(_ input: ExampleInput) throws -> [String] {
        try (input.tensor().strings ?? []).map { bytes in
            try Tensorflow_Example(serializedBytes: bytes).features.feature.sorted { $0.key < $1.key }.map { name, feature in
                switch feature.kind {
                case .bytesList(let list): "\(name) bytes \(list.value.map { String(decoding: $0, as: UTF8.self) })"
                case .floatList(let list): "\(name) floats \(list.value)"
                case .int64List(let list): "\(name) integers \(list.value)"
                case nil: "\(name) nothing"
                }
            }.joined(separator: "; ")
        }
    }

    @Test(
        "are read by the kind of each feature's values",
        arguments: [
            (
                "{\"examples\": [{\"n\": [\"p\", \"q\"], \"r\": [8.0, 9.5], \"a\": 20}, {\"n\": [\"s\"], \"r\": 6.0}]}",
                ["a integers [20]; n bytes [\"p\", \"q\"]; r floats [8.0, 9.5]", "n bytes [\"s\"]; r floats [6.0]"]
            ),
            ("{\"examples\": [{\"r\": [1.0, NaN, Infinity, -Infinity]}]}", ["r floats [1.0, nan, inf, -inf]"]),
            ("{\"examples\": [{\"n\": [\"p\", {\"b64\": \"cQ==\"}]}, {\"n\": {\"b64\": \"cQ==\"}}]}", ["n bytes [\"p\", \"q\"]", "n bytes [\"q\"]"]),
            ("{\"examples\": [{\"m\": [1, true, false]}, {\"m\": true}]}", ["m integers [1, 1, 0]", "m integers [1]"]),
            ("{\"examples\": [{\"m\": [-9223372036854775808, 9223372036854775807]}]}", ["m integers [-9223372036854775808, 9223372036854775807]"]),
            ("{\"examples\": [{\"r\": -Infinity, \"e\": []}, {}]}", ["e nothing; r floats [-inf]", ""]),
            // Beyond 64 bits, and beyond a float.
            ("{\"examples\": [{\"r\": 18446744073709551616}, {\"r\": 1.7976931348623157e308}]}", ["r floats [1.8446744e+19]", "r floats [inf]"]),
            // Of two of a name the last counts.
            ("{\"examples\": [{\"r\": 1.0, \"r\": \"p\"}]}", ["r bytes [\"p\"]"]),
            (
                "{\"signature_name\": \"s\", \"context\": {\"q\": \"p\", \"l\": [\"o\"]}, \"examples\": [{\"a\": 1}, {\"q\": 2.0}]}",
                ["a integers [1]; l bytes [\"o\"]; q bytes [\"p\"]", "l bytes [\"o\"]; q floats [2.0]"]
            ),
        ])
    func read(text: String, examples: [String]) throws { #expect(try Self.describe(try Self.read(text)) == examples) }

    @Test(
        "that do not fit are refused",
        arguments: [
            ("{\"context\": [{\"n\": 1}]}", "Example must be JSON object but got JSON Array"),
            ("{}", "JSON Value: {} When method is classify, key 'examples' is expected and was not found"),
            ("{\"examples\": {\"n\": 1}}", "JSON Value: {\"examples\":{\"n\":1}} Expecting 'examples' value to be an list/array"),
            ("{\"examples\": [[{\"n\": 1}]]}", "Example must be JSON object but got JSON Array"),
            ("{\"examples\": [\"n\"]}", "Example must be JSON object but got JSON String"),
            ("{\"examples\": [{\"n\": [10, null]}]}", "Feature: n has element with unexpected JSON type: Null"),
            ("{\"examples\": [{\"n\": [10, {\"t\": 10}]}]}", "Feature: n has element with unexpected JSON type: Object"),
            ("{\"examples\": [{\"n\": [10, {\"b64\": 10}]}]}", "Feature: n has element with unexpected JSON type: Object"),
            ("{\"examples\": [{\"n\": [[10], 20]}]}", "Feature: n has element with unexpected JSON type: Array"),
            ("{\"examples\": [{\"n\": [10, 10.0]}]}", "Unexpected element type in feature: n expecting type: int64"),
            ("{\"examples\": [{\"n\": [10, \"p\"]}]}", "Unexpected element type in feature: n expecting type: int64"),
            ("{\"examples\": [{\"n\": [10.0, 10]}]}", "Unexpected element type in feature: n expecting type: float"),
            ("{\"examples\": [{\"n\": [10.0, true]}]}", "Unexpected element type in feature: n expecting type: float"),
            ("{\"examples\": [{\"n\": [\"p\", 10]}]}", "Unexpected element type in feature: n expecting type: bytes"),
            // The kind before the value.
            ("{\"examples\": [{\"n\": [1.0, {\"b64\": \"?\"}]}]}", "Unexpected element type in feature: n expecting type: float"),
            ("{\"examples\": [{\"n\": [\"p\", {\"b64\": \"?\"}]}]}", "Unable to base64 decode"),
            ("{\"examples\": [{\"n\": [20, 18446744073709551603]}]}", "Feature: n has uint64_t element. Only int64_t is supported."),
            ("{\"examples\": [{\"n\": [2.0, 18446744073709551603]}]}", "Unexpected element type in feature: n expecting type: float"),
        ])
    func refused(text: String, message: String) {
        #expect(throws: RequestError(.invalidArgument, message)) { try Self.read(text) }
    }

    @Test("results of classifying are lists of label and score, those of regressing are numbers")
    func results() {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace } }
        let scores: [[(String, Float)]] = [[("car", 0.2), ("bus", 0.7)], [("", 1), ("a\"b", .nan)], []]
        let classes = Tensorflow_Serving_ClassificationResult.with {
            $0.classifications = scores.map { row in
                .with { $0.classes = row.map { entry in .with { ($0.label, $0.score) = entry } } }
            }
        }
        #expect(text(ExampleJSON.text(classes)) == "{\"results\":[[[\"car\",0.2],[\"bus\",0.7]],[[\"\",1.0],[\"a\\\"b\",NaN]],[]]}")
        let values: [Float] = [0.2, 1, .infinity, -.infinity, .nan]
        let regressions = Tensorflow_Serving_RegressionResult.with { $0.regressions = values.map { value in .with { $0.value = value } } }
        #expect(text(ExampleJSON.text(regressions)) == "{\"results\":[0.2,1.0,Infinity,-Infinity,NaN]}")
    }

    @Test("an error's text is a JSON string, whatever is in it", arguments: ["Bad key: \"key\"", "Bad key: 'key'", "a\\b\n\u{1}é"])
    func error(message: String) throws {
        let root = try JSONDocument(HTTPPage.error(RequestError(.invalidArgument, message)).body).root
        #expect(root.members.map(\.name) == [Array("error".utf8)])
        #expect(root["error"]?.string == Array(message.utf8))
    }
}
