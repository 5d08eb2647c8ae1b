// SPDX-License-Identifier: Apache-2.0

import Testing

/// What a test model of TensorFlow Serving answers, measured with TensorFlow itself.
struct KnownAnswer: CustomTestStringConvertible, Sendable {
    let model: String
    let input: String
    let output: String
    let shape: [Int]
    let fed: [Float]
    let expected: [Float]

    var testDescription: String { self.model }

    private static func classic(_ model: String) -> KnownAnswer {
        KnownAnswer(model: model, input: "x:0", output: "y:0", shape: [3, 1], fed: [1, 2, 5], expected: [2.5, 3, 4.5])
    }

    static let all: [KnownAnswer] = [
        .classic("half_plus_two_cpu/00000123"),
        .classic("half_plus_two_2_versions/00000123"),
        .classic("half_plus_two_2_versions/00000124"),
        .classic("half_plus_two_cpu_with_saved_model_config/00000123"),
        .classic("half_plus_two_cpu_with_empty_saved_model_config/00000123"),
        .classic("half_plus_two_mlmd/00000123"),
        // Pinned to a GPU: loads because soft placement is allowed.
        .classic("half_plus_two_gpu/00000123"),
        .classic("half_plus_two_gpu_trt/00000123"),
        KnownAnswer(
            model: "half_plus_two_mkl/00000123", input: "x:0", output: "y:0", shape: [1, 10, 10, 1],
            fed: [1, 2, 5] + [Float](repeating: 0, count: 97), expected: [2.5, 3, 4.5] + [Float](repeating: 2, count: 97)),
        KnownAnswer(
            model: "half_plus_two_tf2_cpu/00000123", input: "serving_default_x:0", output: "StatefulPartitionedCall_5:0", shape: [1], fed: [5],
            expected: [4.5]),
        KnownAnswer(model: "half_plus_three/00000123", input: "x:0", output: "y:0", shape: [3], fed: [1, 2, 5], expected: [3.5, 4, 5.5]),
        KnownAnswer(
            model: "matrix_half_plus_two/1", input: "x:0", output: "y:0", shape: [1, 3, 3], fed: [1, 2, 3, 4, 5, 6, 7, 8, 9],
            expected: [2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5]),
    ]
}
