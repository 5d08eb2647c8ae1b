// SPDX-License-Identifier: Apache-2.0

import ModelClient
import SwiftProtobuf
import TensorFlowProtos
import Testing

@Suite("Tensors that a client receives")
struct ReceivedTensorTests {
    private static func answer(_ shape: [Int64], _ values: [Float]) -> Tensorflow_TensorProto {
        .with {
            $0.dtype = .dtFloat
            $0.tensorShape.dim = shape.map { size in .with { $0.size = size } }
            $0.floatVal = values
        }
    }

    @Test("a shape that does not go with the values is refused", arguments: [[2], [-1], [1 << 62, 4], [0], [1, 0]] as [[Int64]])
    func otherShape(shape: [Int64]) {
        let error = #expect(throws: ModelClientError.self) { try TensorValue(decoding: Self.answer(shape, [1]), name: "y") }
        #expect(error?.code == .badAnswer)
    }

    @Test(
        "no values may have a shape that would be written as endless empty lists",
        arguments: [[1 << 62, 0], [1 << 21, 0], [0, 1 << 40]] as [[Int64]])
    func endlessEmptiness(shape: [Int64]) throws {
        let error = #expect(throws: ModelClientError.self) { try TensorValue(decoding: Self.answer(shape, []), name: "y") }
        #expect(error?.code == .badAnswer)
        #expect(try TensorValue(decoding: Self.answer([3, 0], []), name: "y").shape == [3, 0])
    }
}
