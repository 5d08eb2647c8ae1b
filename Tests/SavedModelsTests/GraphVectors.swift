// SPDX-License-Identifier: Apache-2.0

import Foundation
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

/// The frozen graphs of the shared vectors, with what TensorFlow 2.21 says of them.
enum GraphVectors {
    static let exist = SharedVectors.exist("graphs/manifest.json")

    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        struct Tensor: Decodable, Sendable {
            let tensor: String
            let dtype: String
            let shape: [Int]?
        }

        struct Signature: Decodable, Sendable {
            let inputs: [String: Tensor]
            let outputs: [String: Tensor]
        }

        struct Value: Decodable, Sendable {
            let dtype: String
            let shape: [Int]
            let values: [Double]?
            let base64: [String]?
        }

        struct Sample: Decodable, Sendable {
            let inputs: [String: Value]
            let outputs: [String: Value]
            let tolerance: Double
        }

        /// What has to be left of a graph that was optimised.
        struct Optimized: Decodable, Sendable {
            struct Node: Decodable, Hashable, Sendable {
                let name: String
                let op: String
                let inputs: [String]
            }

            /// `nil` where only a rule is given.
            let nodes: [Node]?
            /// `forbidden` where nothing may be folded.
            let rule: String?
            let tolerance: Double
        }

        /// A constant of numbers, decoded by an independent implementation.
        struct Constant: Decodable, Sendable {
            let name: String
            let dtype: String
            let shape: [Int]
            let sha256: String
        }

        let id: String
        let file: String
        let format: String
        let inputs: [String]
        let outputs: [String]
        let reject: String?
        let reachable: [String]?
        let signature: Signature?
        let sample: Sample?
        let optimize: Optimized?
        let constants: [Constant]?

        var testDescription: String { self.id }

        /// Everything on.
        var options: ConversionOptions {
            ConversionOptions(inputs: self.inputs.map { TensorSelection(tensor: $0) }, outputs: self.outputs.map { TensorSelection(tensor: $0) })
        }

        /// The graph as a message.
        func graph() throws -> Tensorflow_GraphDef {
            let bytes = try self.bytes()
            return self.format == "text"
                ? try Tensorflow_GraphDef(textFormatString: String(decoding: bytes, as: UTF8.self)) : try Tensorflow_GraphDef(serializedBytes: bytes)
        }

        func bytes() throws -> [UInt8] { try SharedVectors.read("graphs/\(self.file)") }
    }

    private struct Manifest: Decodable {
        let graphs: [Vector]
    }

    /// All vectors, none where they are absent (then the suites are skipped by name).
    static let all: [Vector] = {
        guard exist, let bytes = try? SharedVectors.read("graphs/manifest.json") else { return [] }
        return (try? JSONDecoder().decode(Manifest.self, from: Data(bytes)).graphs) ?? []
    }()

    static var valid: [Vector] { self.all.filter { $0.reject == nil } }
    static var refused: [Vector] { self.all.filter { $0.reject != nil } }
}
