// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import Testing

@testable import ModelServing

@Suite("Answers to Predict")
struct PredictAnswerTests {
    private static let spec = Tensorflow_Serving_ModelSpec.with {
        $0.name = "half"
        $0.version = Google_Protobuf_Int64Value(123)
        $0.signatureName = "serving_default"
    }

    private static let types: [DataType] = [
        .float, .double, .int32, .uint8, .int16, .int8, .complex64, .int64, .bool, .bfloat16, .uint16, .complex128, .half, .uint32, .uint64,
    ]

    /// A tensor of the type whose elements' bytes are 0 and 1 in turn.
    private static func tensor(_ type: DataType, shape: [Int]) throws -> Tensor {
        let count = shape.reduce(1, *) * (type.elementSize ?? 0)
        let bytes = (0..<count).map { UInt8($0 % 2) }
        return try Tensor(dataType: type, shape: shape, copying: unsafe bytes.span.bytes)
    }

    private static func decoded(_ outputs: [(alias: String, tensor: Tensor)], asContent: Bool) throws -> Tensorflow_Serving_PredictResponse {
        let answer = try PredictAnswer(Self.spec, outputs, asContent: asContent)
        let bytes: [UInt8] = answer.serialized()
        #expect(bytes.count == answer.byteCount)
        return try Tensorflow_Serving_PredictResponse(serializedBytes: bytes)
    }

    @Test("every data type is written as protobuf would", arguments: Self.types, [false, true])
    func dataTypes(type: DataType, asContent: Bool) throws {
        for shape in [[], [3], [2, 3, 4], [0], [2, 0]] {
            let tensor = try Self.tensor(type, shape: shape)
            let response = try Self.decoded([("y", tensor)], asContent: asContent)
            #expect(response.modelSpec == Self.spec)
            #expect(response.outputs == ["y": try #require(Tensorflow_TensorProto(tensor, asContent: asContent))])
        }
    }

    @Test("strings, several outputs and none", arguments: [false, true])
    func outputs(asContent: Bool) throws {
        let strings = try Tensor(strings: [[1, 2], [], Array(repeating: 7, count: 300)], shape: [3])
        let floats = try Self.tensor(.float, shape: [1000])
        let response = try Self.decoded([("classes", strings), ("scores", floats)], asContent: asContent)
        #expect(response.outputs["classes"] == Tensorflow_TensorProto(strings, asContent: asContent))
        #expect(response.outputs["scores"] == Tensorflow_TensorProto(floats, asContent: asContent))
        #expect(response.outputs.count == 2)
        #expect(try Self.decoded([], asContent: asContent).outputs.isEmpty)
    }
}
