// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime

/// A signature to compute one number an example with.
struct RegressionSignature: ExampleSignature {
    let input: String
    private let output: String

    init(_ signature: Tensorflow_SignatureDef, checksMethodName: Bool) throws(RequestError) {
        if checksMethodName, signature.methodName != Signature.Method.regress {
            throw RequestError(
                .invalidArgument, "Expected regression signature method_name to be \(Signature.Method.regress). Was: \(signature.methodName)")
        }
        guard signature.inputs.count == 1 else { throw RequestError(.invalidArgument, "Expected one input Tensor.") }
        guard signature.outputs.count == 1 else { throw RequestError(.invalidArgument, "Expected one output Tensor.") }
        guard let input = signature.inputs[ExampleKeys.inputs] else {
            throw RequestError(.invalidArgument, "No regression inputs found in SignatureDef: \(signature.textFormatString())")
        }
        guard let output = signature.outputs[ExampleKeys.outputs] else {
            throw RequestError(.invalidArgument, "No regression outputs found in SignatureDef: \(signature.textFormatString())")
        }
        self.input = input.name
        self.output = output.name
    }

    var outputs: [String] { [self.output] }

    /// Makes the result of the fetched tensors.
    func result(of tensors: [String: Tensor], count: Int) throws(RequestError) -> Tensorflow_Serving_RegressionResult {
        guard let tensor = tensors[self.output] else { throw RequestError(.internalError, "the session returned no \(self.output)") }
        let shape = tensor.shape
        guard shape.count == 1 || (shape.count == 2 && shape[1] == 1) else {
            throw RequestError(
                .invalidArgument, "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got \(tensor.shapeText)")
        }
        guard shape[0] == count else {
            throw RequestError(.invalidArgument, "Input batch size did not match output batch size: \(count) vs. \(shape[0])")
        }
        guard let values = tensor.values(as: Float.self) else {
            throw RequestError(.invalidArgument, "Expected output Tensor of DT_FLOAT.  Got: \(tensor.dataType.shortName)")
        }
        return .with { $0.regressions = values.map { value in .with { $0.value = value } } }
    }
}
