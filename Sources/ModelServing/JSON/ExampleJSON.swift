// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

/// Classify and regress requests and their answers in JSON.
enum ExampleJSON {
    // MARK: Requests

    /// Reads `examples` and `context`.
    static func input(_ root: JSONValue) throws(RequestError) -> ExampleInput {
        let context = try root["context"].map { value throws(RequestError) in try Self.example(value) }
        // Both methods say so.
        guard let examples = root["examples"] else {
            throw RequestError(
                .invalidArgument, "JSON Value: \(root) When method is classify, key 'examples' is expected and was not found")
        }
        guard examples.isArray else {
            throw RequestError(.invalidArgument, "JSON Value: \(root) Expecting 'examples' value to be an list/array")
        }
        guard examples.token.count > 0 else { throw RequestError(.invalidArgument, "JSON Value: \(root) 'examples' value is an empty array") }
        var messages: [Tensorflow_Example] = []
        for example in examples.elements { messages.append(try Self.example(example)) }
        return try ExampleInput(
            .with {
                if let context {
                    $0.exampleListWithContext.context = context
                    $0.exampleListWithContext.examples = messages
                } else {
                    $0.exampleList.examples = messages
                }
            })
    }

    private static func example(_ value: JSONValue) throws(RequestError) -> Tensorflow_Example {
        guard value.isObject else { throw RequestError(.invalidArgument, "Example must be JSON object but got JSON \(value.typeName)") }
        var example = Tensorflow_Example()
        // Also of no features, as TensorFlow Serving's has.
        for (bytes, content) in value.members {
            let name = String(decoding: bytes, as: UTF8.self)
            var feature = FeatureJSON(name: name)
            if content.isArray {
                for element in content.elements { try feature.append(element) }
            } else {
                try feature.append(content)
            }
            example.features.feature[name] = feature.feature
        }
        return example
    }

    // MARK: Answers

    /// A list of label and score for each example.
    static func text(_ result: Tensorflow_Serving_ClassificationResult) -> [UInt8] {
        var writer = JSONWriter()
        Self.writeResults(result.classifications, to: &writer) { writer, example in
            writer.write("[")
            for (index, entry) in example.classes.enumerated() {
                if index > 0 { writer.write(", ") }
                writer.write("[")
                writer.write(string: entry.label.utf8)
                writer.write(", ")
                writer.write(entry.score)
                writer.write("]")
            }
            writer.write("]")
        }
        return writer.bytes
    }

    /// A number for each example.
    static func text(_ result: Tensorflow_Serving_RegressionResult) -> [UInt8] {
        var writer = JSONWriter()
        Self.writeResults(result.regressions, to: &writer) { writer, example in writer.write(example.value) }
        return writer.bytes
    }

    private static func writeResults<Element>(
        _ results: [Element], to writer: inout JSONWriter, _ write: (inout JSONWriter, Element) -> Void
    ) {
        writer.write("{\n    \"results\": [")
        for (index, result) in results.enumerated() {
            if index > 0 { writer.write(", ") }
            write(&writer, result)
        }
        writer.write("\n    ]\n}")
    }
}
