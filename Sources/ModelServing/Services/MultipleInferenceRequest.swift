// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
package import TensorFlowProtos

/// A MultiInference request.
package struct MultipleInferenceRequest: WireRequest {
    let tasks: [Tensorflow_Serving_InferenceTask]
    let input: ExampleInput

    /// Reads a serialised request.
    package init(_ bytes: Span<UInt8>) throws {
        var reader = WireReader(bytes, in: 0..<bytes.count)
        var tasks: [Tensorflow_Serving_InferenceTask] = []
        var input = ExampleInput.none
        while let field = try reader.nextField() {
            switch field.number {
            case 1: tasks.append(try Tensorflow_Serving_InferenceTask().merging(bytes, in: try field.bytes()))
            case 2: input = try ExampleInput(bytes, in: try field.bytes())
            default: break
            }
        }
        self.tasks = tasks
        self.input = input
    }

    /// Takes over a decoded request.
    package init(_ request: Tensorflow_Serving_MultiInferenceRequest) throws(RequestError) {
        self.tasks = request.tasks
        self.input = try ExampleInput(request.input)
    }
}
