// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime

/// A signature to classify with.
struct ClassificationSignature: ExampleSignature {
    let input: String
    private let classes: String?
    private let scores: String?

    init(_ signature: Tensorflow_SignatureDef, checksMethodName: Bool) throws(RequestError) {
        if checksMethodName, signature.methodName != Signature.Method.classify {
            throw RequestError(
                .invalidArgument,
                "Expected classification signature method_name to be \(Signature.Method.classify). Was: \(signature.methodName)")
        }
        guard signature.inputs.count == 1 else { throw RequestError(.invalidArgument, "Expected one input Tensor.") }
        guard (1...2).contains(signature.outputs.count) else {
            throw RequestError(.invalidArgument, "Expected one or two output Tensors, found \(signature.outputs.count)")
        }
        guard let input = signature.inputs[ExampleKeys.inputs] else {
            throw RequestError(.invalidArgument, "No classification inputs found in SignatureDef: \(signature.textFormatString())")
        }
        self.input = input.name
        self.classes = signature.outputs[ExampleKeys.classes]?.name
        self.scores = signature.outputs[ExampleKeys.scores]?.name
        guard self.classes != nil || self.scores != nil else {
            throw RequestError(
                .invalidArgument,
                "Expected classification signature outputs to contain at least one of \"classes\" or \"scores\". "
                    + "Signature was: \(signature.textFormatString())")
        }
    }

    var outputs: [String] { [self.classes, self.scores].compactMap(\.self) }

    /// Makes the result of what was fetched for so many examples.
    func result(of tensors: [String: Tensor], count: Int) throws(RequestError) -> Tensorflow_Serving_ClassificationResult {
        let classes = try self.classes.flatMap { tensors[$0] }.map { tensor throws(RequestError) in
            try ResultMatrix(classes: tensor, count: count)
        }
        let scores = try self.scores.flatMap { tensors[$0] }.map { tensor throws(RequestError) in
            try ResultMatrix(scores: tensor, count: count)
        }
        if let classes, let scores, classes.columns != scores.columns {
            throw RequestError(
                .invalidArgument, "Tensors class and score should match in dim_size(1). Got \(classes.columns) vs. \(scores.columns)")
        }
        let columns = classes?.columns ?? scores?.columns ?? 0
        return .with { result in
            result.classifications = (0..<count).map { row in
                .with { example in
                    example.classes = (0..<columns).map { column in
                        .with {
                            if let classes { $0.label = String(decoding: classes.values[row * columns + column], as: UTF8.self) }
                            if let scores { $0.score = scores.values[row * columns + column] }
                        }
                    }
                }
            }
        }
    }
}

/// What a classification fetched: a row for each example, a column for each class.
private struct ResultMatrix<Value: Sendable> {
    let columns: Int
    let values: [Value]
}

extension ResultMatrix<[UInt8]> {
    init(classes tensor: Tensor, count: Int) throws(RequestError) {
        self.columns = try Self.columns(of: tensor)
        guard let values = tensor.strings else {
            throw RequestError(.invalidArgument, "Expected classes Tensor of DT_STRING. Got: \(tensor.dataType.shortName)")
        }
        guard tensor.shape[0] == count else {
            throw RequestError(.invalidArgument, "Expected classes output batch size of \(count). Got: \(tensor.shape[0])")
        }
        self.values = values
    }
}

extension ResultMatrix<Float> {
    init(scores tensor: Tensor, count: Int) throws(RequestError) {
        self.columns = try Self.columns(of: tensor)
        guard let values = tensor.values(as: Float.self) else {
            throw RequestError(.invalidArgument, "Expected scores Tensor of DT_FLOAT. Got: \(tensor.dataType.shortName)")
        }
        guard tensor.shape[0] == count else {
            throw RequestError(.invalidArgument, "Expected scores output batch size of \(count). Got: \(tensor.shape[0])")
        }
        self.values = values
    }
}

extension ResultMatrix {
    fileprivate static func columns(of tensor: Tensor) throws(RequestError) -> Int {
        guard tensor.shape.count == 2 else {
            throw RequestError(.invalidArgument, "Expected Tensor shape: [batch_size num_classes] but got \(tensor.shapeText)")
        }
        return tensor.shape[1]
    }
}
