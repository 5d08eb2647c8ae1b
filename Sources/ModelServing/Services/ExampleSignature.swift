// SPDX-License-Identifier: Apache-2.0

import TensorFlowRuntime

/// A signature that takes examples, checked for what it is to be used for.
///
/// The checks, their order and their words are TensorFlow Serving's.
protocol ExampleSignature: Sendable {
    /// The name of the tensor to feed the examples to.
    var input: String { get }
    /// The names of the tensors to fetch.
    var outputs: [String] { get }
}

/// The keys of inputs and outputs.
enum ExampleKeys {
    static let inputs = "inputs"
    static let classes = "classes"
    static let scores = "scores"
    static let outputs = "outputs"
}

extension Tensor {
    /// The shape as TensorFlow writes it, such as `[2,3]`.
    var shapeText: String { "[\(self.shape.map(String.init).joined(separator: ","))]" }
}
