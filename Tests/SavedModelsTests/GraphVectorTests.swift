// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

@Suite("Frozen graphs of the shared vectors", .enabled(if: GraphVectors.exist))
struct GraphVectorTests {
    @Test("the manifest was read")
    func manifest() {
        #expect(GraphVectors.valid.count >= 17)
        #expect(GraphVectors.refused.count == 14)
    }

    @Test("exactly the nodes that the outputs need are kept, byte for byte, with library and versions", arguments: GraphVectors.valid)
    func keptNodes(vector: GraphVectors.Vector) throws {
        let model = try ConvertedModel(decoding: try vector.bytes(), options: vector.options.keepingGraph)
        #expect(model.nodeNames.sorted() == vector.reachable?.sorted())

        let original = try vector.graph()
        let written = try Tensorflow_SavedModel(serializedBytes: model.encode())
        let metaGraph = try #require(written.metaGraphs.first)
        #expect(written.savedModelSchemaVersion == 1)
        #expect(written.metaGraphs.count == 1)
        #expect(metaGraph.metaInfoDef.tags == ["serve"])
        #expect(metaGraph.graphDef.node == original.node.filter { model.nodeNames.contains($0.name) })
        #expect(metaGraph.graphDef.library == original.library)
        #expect(metaGraph.graphDef.versions == original.versions)
    }

    @Test("the signature has TensorFlow's types, and its shapes as far as the graph tells", arguments: GraphVectors.valid)
    func signature(vector: GraphVectors.Vector) throws {
        let expected = try #require(vector.signature)
        let encoded = try ConvertedModel(decoding: try vector.bytes(), options: vector.options.keepingGraph).encode()
        let signature = try #require(try SavedModel(decoding: encoded).signatures["serving_default"])
        #expect(signature.methodName == "tensorflow/serving/predict")
        #expect(signature.inputs.count == expected.inputs.count)
        #expect(signature.outputs.count == expected.outputs.count)
        for (name, tensor) in expected.inputs {
            let info = try #require(signature.inputs[name.replacing(":", with: "_")])
            #expect(info.name == tensor.tensor)
            #expect(info.dataType.name == tensor.dtype)
            #expect(info.shape.dimensions == tensor.shape)
        }
        for (name, tensor) in expected.outputs {
            let info = try #require(signature.outputs[name.replacing(":", with: "_")])
            #expect(info.name == tensor.tensor)
            #expect(info.dataType.name == tensor.dtype)
            #expect(info.shape == .unknownRank || info.shape.dimensions == tensor.shape)
        }
    }

    @Test("a second conversion gives the same bytes", arguments: GraphVectors.valid)
    func determinism(vector: GraphVectors.Vector) throws {
        let first = try ConvertedModel(decoding: try vector.bytes(), options: vector.options.keepingGraph).encode()
        let second = try ConvertedModel(decoding: try vector.bytes(), options: vector.options.keepingGraph).encode()
        #expect(first == second)
    }

    @Test("what is wrong is refused by its class", arguments: GraphVectors.refused)
    func refusal(vector: GraphVectors.Vector) throws {
        let failure = #expect(throws: SavedModelError.self) {
            let converter = GraphConverter(try GraphIndex(decoding: try vector.bytes()), options: vector.options)
            _ = try converter.convert(catalog: EverydayOperations())
        }
        #expect(failure?.code.identifier == vector.reject)
    }

    @Test("cut at any length, a graph gives a named error or what is left of it", arguments: GraphVectors.valid)
    func truncation(vector: GraphVectors.Vector) throws {
        let bytes = try vector.bytes()
        // The one large vector is cut densely where its nodes end and coarsely within its constants.
        let lengths =
            bytes.count < 2000 ? Array(0..<bytes.count) : Array(stride(from: 0, to: bytes.count, by: 97)) + Array((bytes.count - 200)..<bytes.count)
        for length in lengths {
            do {
                _ = try ConvertedModel(decoding: Array(bytes.prefix(length)), options: vector.options.keepingGraph)
            } catch {
                #expect(error is SavedModelError, "length \(length): \(error)")
            }
        }
    }

    @Test("cut at any length, a SavedModel gives a named error or what is left of it")
    func modelTruncation() throws {
        let vector = try #require(GraphVectors.valid.first { $0.id == "linear" })
        let bytes = try ConvertedModel(decoding: try vector.bytes(), options: vector.options.keepingGraph).encode()
        for length in 0..<bytes.count {
            let failure = #expect(throws: SavedModelError.self) { try SavedModel(decoding: Array(bytes.prefix(length))) }
            #expect(failure?.code == .notASavedModel || failure?.code == .noSuchTags)
        }
    }

    @Test("any flipped bit gives a named error or a model", arguments: GraphVectors.valid.filter { $0.id == "linear" || $0.id == "function-library" })
    func flippedBits(vector: GraphVectors.Vector) throws {
        let bytes = try vector.bytes()
        for position in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[position] ^= 1 << UInt8(bit)
                do {
                    _ = try ConvertedModel(decoding: damaged, options: vector.options.keepingGraph).encode()
                } catch {
                    #expect(error is SavedModelError, "byte \(position), bit \(bit): \(error)")
                }
            }
        }
    }
}

/// The operations that the vectors use, standing for an installed TensorFlow.
struct EverydayOperations: OperationCatalog {
    let graphVersion: Int32 = 2474
    func contains(_ operation: String) -> Bool {
        ["Const", "Placeholder", "MatMul", "Add", "AddV2", "Identity", "Relu", "VariableV2", "NoOp"].contains(operation)
    }
    func refusedVersion(of operation: String) -> Int32? { operation == "Add" ? 2000 : nil }
    func hasKernel(of operation: String) -> Bool { operation != "MatMul" }
}
