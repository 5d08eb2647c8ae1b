// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
package import TensorFlowProtos

/// A Classify or Regress request: both have the same fields.
package struct SingleInferenceRequest: WireRequest {
    /// `nil` when the request has none.
    let spec: Tensorflow_Serving_ModelSpec?
    let input: ExampleInput

    /// Reads a serialised request.
    package init(_ bytes: Span<UInt8>) throws {
        var reader = WireReader(bytes, in: 0..<bytes.count)
        var spec: Tensorflow_Serving_ModelSpec?
        var input = ExampleInput.none
        while let field = try reader.nextField() {
            switch field.number {
            case 1: spec = try (spec ?? .init()).merging(bytes, in: try field.bytes())
            case 2: input = try ExampleInput(bytes, in: try field.bytes())
            default: break
            }
        }
        self.init(spec: spec, input: input)
    }

    init(spec: Tensorflow_Serving_ModelSpec?, input: ExampleInput) {
        self.spec = spec
        self.input = input
    }

    /// Takes over a decoded Classify request.
    package init(_ request: Tensorflow_Serving_ClassificationRequest) throws(RequestError) {
        self.init(spec: request.hasModelSpec ? request.modelSpec : nil, input: try ExampleInput(request.input))
    }

    /// Takes over a decoded Regress request.
    package init(_ request: Tensorflow_Serving_RegressionRequest) throws(RequestError) {
        self.init(spec: request.hasModelSpec ? request.modelSpec : nil, input: try ExampleInput(request.input))
    }
}
