// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import Testing

@testable import ModelServing

@Suite("Examples off the wire")
struct ExampleInputTests {
    private static func example(_ value: Float) -> Tensorflow_Example {
        .with { $0.features.feature["x"] = .with { $0.floatList.value = [value] } }
    }

    private func serialized(_ message: some SwiftProtobuf.Message) throws -> [UInt8] { try message.serializedBytes() }

    // Functions, because the compiler stumbles over spans of arrays that have no name.
    private func read(_ bytes: [UInt8]) throws -> SingleInferenceRequest { try SingleInferenceRequest(bytes.span) }
    private func readMultiple(_ bytes: [UInt8]) throws -> MultipleInferenceRequest { try MultipleInferenceRequest(bytes.span) }

    @Test("each example is the bytes that came, the context's before them")
    func bytes() throws {
        let first = try self.serialized(Self.example(1)), second = try self.serialized(Self.example(2))
        let list = Tensorflow_Serving_ClassificationRequest.with {
            $0.modelSpec.name = "m"
            $0.input.exampleList.examples = [Self.example(1), Self.example(2)]
        }
        let plain = try self.read(try self.serialized(list))
        #expect(plain.spec?.name == "m")
        #expect(try plain.input.tensor().strings == [first, second])
        let context = Tensorflow_Serving_RegressionRequest.with {
            $0.input.exampleListWithContext.context = Self.example(1)
            $0.input.exampleListWithContext.examples = [Self.example(2), Tensorflow_Example()]
        }
        #expect(try self.read(try self.serialized(context)).input.tensor().strings == [first + second, first])
    }

    @Test("bytes of a field that no decoder of ours knows are kept")
    func unknownFields() throws {
        // Input { example_list { examples: <field 15 of type varint> } }
        let request: [UInt8] = [0x12, 0x06, 0x0a, 0x04, 0x0a, 0x02, 0x78, 0x05]
        #expect(try self.read(request).input.tensor().strings == [[0x78, 0x05]])
    }

    @Test("an input without examples is refused")
    func empty() throws {
        #expect(throws: RequestError(.invalidArgument, "Input is empty.")) { try self.read([]).input.tensor() }
        let request = Tensorflow_Serving_ClassificationRequest.with { $0.input.exampleList = .init() }
        #expect(throws: RequestError(.invalidArgument, "Input is empty.")) {
            try self.read(try self.serialized(request)).input.tensor()
        }
    }

    @Test("a request that is cut is refused or holds fewer examples")
    func truncations() throws {
        let request = Tensorflow_Serving_MultiInferenceRequest.with {
            $0.tasks = [.with { $0.modelSpec.name = "m" }]
            $0.input.exampleList.examples = [Self.example(1)]
        }
        let bytes = try self.serialized(request)
        for length in 0..<bytes.count {
            guard let cut = try? self.readMultiple(Array(bytes.prefix(length))) else { continue }
            #expect(cut.input.count == 0)
        }
    }
}

@Suite("Signatures for examples")
struct ExampleSignatureTests {
    private static func signature(
        inputs: [String] = ["inputs"], outputs: [String], method: String = ""
    ) -> Tensorflow_SignatureDef {
        .with {
            for name in inputs { $0.inputs[name] = .with { $0.name = "\(name):0" } }
            for name in outputs { $0.outputs[name] = .with { $0.name = "\(name):0" } }
            $0.methodName = method
        }
    }

    @Test(
        "what cannot be classified with is refused in TensorFlow Serving's words",
        arguments: [
            (["inputs", "b"], ["scores"], "Expected one input Tensor."), ([], ["scores"], "Expected one input Tensor."),
            (["inputs"], [], "Expected one or two output Tensors, found 0"),
            (["inputs"], ["a", "b", "c"], "Expected one or two output Tensors, found 3"),
            (["x"], ["scores"], "No classification inputs found in SignatureDef: "),
            (["inputs"], ["a"], "Expected classification signature outputs to contain at least one of \"classes\" or \"scores\". Signature was: "),
        ] as [([String], [String], String)])
    func classification(inputs: [String], outputs: [String], message: String) {
        let error = #expect(throws: RequestError.self) {
            try ClassificationSignature(Self.signature(inputs: inputs, outputs: outputs), checksMethodName: false)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix(message) == true)
    }

    @Test(
        "what cannot be regressed with is refused in TensorFlow Serving's words",
        arguments: [
            (["inputs", "b"], ["outputs"], "Expected one input Tensor."), (["inputs"], ["outputs", "b"], "Expected one output Tensor."),
            (["x"], ["outputs"], "No regression inputs found in SignatureDef: "),
            (["inputs"], ["x"], "No regression outputs found in SignatureDef: "),
        ] as [([String], [String], String)])
    func regression(inputs: [String], outputs: [String], message: String) {
        let error = #expect(throws: RequestError.self) {
            try RegressionSignature(Self.signature(inputs: inputs, outputs: outputs), checksMethodName: false)
        }
        #expect(error?.message.hasPrefix(message) == true)
    }

    @Test("the method's name is looked at only when asked for")
    func method() throws {
        let signature = Self.signature(outputs: ["scores"], method: "tensorflow/serving/predict")
        _ = try ClassificationSignature(signature, checksMethodName: false)
        #expect(
            throws: RequestError(
                .invalidArgument,
                "Expected classification signature method_name to be tensorflow/serving/classify. Was: tensorflow/serving/predict")
        ) { try ClassificationSignature(signature, checksMethodName: true) }
    }

    @Test(
        "results that do not fit the examples are refused in TensorFlow Serving's words",
        arguments: [
            ([2], [2, 1], "Expected Tensor shape: [batch_size num_classes] but got [2]"),
            ([2, 1], [2], "Expected Tensor shape: [batch_size num_classes] but got [2]"),
            ([1, 1], [2, 1], "Expected classes output batch size of 2. Got: 1"), ([2, 1], [3, 1], "Expected scores output batch size of 2. Got: 3"),
            ([2, 1], [2, 2], "Tensors class and score should match in dim_size(1). Got 1 vs. 2"),
        ] as [([Int], [Int], String)])
    func classificationResults(classes: [Int], scores: [Int], message: String) throws {
        let signature = try ClassificationSignature(Self.signature(outputs: ["classes", "scores"]), checksMethodName: false)
        let tensors = [
            "classes:0": try Tensor(strings: [[UInt8]](repeating: [97], count: classes.reduce(1, *)), shape: classes),
            "scores:0": try Tensor([Float](repeating: 1, count: scores.reduce(1, *)), shape: scores),
        ]
        #expect(throws: RequestError(.invalidArgument, message)) { try signature.result(of: tensors, count: 2) }
    }

    @Test("labels and scores stand together; either may be missing")
    func classificationResult() throws {
        let classes = try Tensor(strings: [[97], [98]], shape: [1, 2])
        let scores = try Tensor([0.5, 2] as [Float], shape: [1, 2])
        let both = try ClassificationSignature(Self.signature(outputs: ["classes", "scores"]), checksMethodName: false)
            .result(of: ["classes:0": classes, "scores:0": scores], count: 1)
        #expect(both.classifications[0].classes.map(\.label) == ["a", "b"])
        #expect(both.classifications[0].classes.map(\.score) == [0.5, 2])
        let labels = try ClassificationSignature(Self.signature(outputs: ["classes"]), checksMethodName: false).result(
            of: ["classes:0": classes], count: 1)
        #expect(labels.classifications[0].classes.map(\.score) == [0, 0])
        let wrong = try ClassificationSignature(Self.signature(outputs: ["scores"]), checksMethodName: false)
        #expect(throws: RequestError(.invalidArgument, "Expected scores Tensor of DT_FLOAT. Got: string")) {
            try wrong.result(of: ["scores:0": classes], count: 1)
        }
    }

    @Test(
        "regressions that do not fit are refused in TensorFlow Serving's words",
        arguments: [
            ([2, 2], "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,2]"),
            ([3], "Input batch size did not match output batch size: 2 vs. 3"),
        ] as [([Int], String)])
    func regressionResults(shape: [Int], message: String) throws {
        let signature = try RegressionSignature(Self.signature(outputs: ["outputs"]), checksMethodName: false)
        let tensor = try Tensor([Float](repeating: 1, count: shape.reduce(1, *)), shape: shape)
        #expect(throws: RequestError(.invalidArgument, message)) { try signature.result(of: ["outputs:0": tensor], count: 2) }
        let doubles = try Tensor([1, 2] as [Double], shape: [2])
        #expect(throws: RequestError(.invalidArgument, "Expected output Tensor of DT_FLOAT.  Got: double")) {
            try signature.result(of: ["outputs:0": doubles], count: 2)
        }
    }
}
