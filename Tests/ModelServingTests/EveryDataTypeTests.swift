// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import TestSupport
import Testing

@testable import ModelServing

/// A model of one signature for each data type, which answers what it is given.
@Suite("Every data type, through TensorFlow", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library"))
struct EveryDataTypeTests {
    private static let strings = TypedCase(dataType: .dtString, fill: { $0.stringVal = [Data([0xff, 0]), Data()] }, bytes: "")
    private static let cases = TypedCase.all + [Self.strings]

    private static func signature(_ dataType: Tensorflow_DataType) -> String { "type_\(dataType.rawValue)" }

    private static var savedModel: Tensorflow_SavedModel {
        var graph = Tensorflow_MetaGraphDef()
        graph.metaInfoDef.tags = ["serve"]
        // After the version from which a placeholder's empty shape is a scalar's.
        graph.graphDef.versions.producer = 1882
        for dataType in Self.cases.map(\.dataType) {
            let name = Self.signature(dataType)
            let given = Tensorflow_NodeDef.with {
                $0.name = "\(name)_x"
                $0.op = "Placeholder"
                $0.attr["dtype"] = .with { $0.type = dataType }
                $0.attr["shape"] = .with { $0.shape.unknownRank = true }
            }
            let answered = Tensorflow_NodeDef.with {
                $0.name = "\(name)_y"
                $0.op = "Identity"
                $0.input = [given.name]
                $0.attr["T"] = .with { $0.type = dataType }
            }
            graph.graphDef.node += [given, answered]
            graph.signatureDef[name] = .with {
                $0.methodName = "tensorflow/serving/predict"
                $0.inputs["x"] = Self.info(given, dataType)
                $0.outputs["y"] = Self.info(answered, dataType)
            }
        }
        return .with {
            $0.savedModelSchemaVersion = 1
            $0.metaGraphs = [graph]
        }
    }

    private static func info(_ node: Tensorflow_NodeDef, _ dataType: Tensorflow_DataType) -> Tensorflow_TensorInfo {
        .with {
            $0.name = "\(node.name):0"
            $0.dtype = dataType
            $0.tensorShape.unknownRank = true
        }
    }

    /// What a client decodes of the answer.
    private static func answer(to request: Tensorflow_Serving_PredictRequest, _ inference: Inference) async throws -> Tensorflow_TensorProto? {
        let bytes: [UInt8] = try await inference.predict(PredictInputs(request)).serialized()
        return try Tensorflow_Serving_PredictResponse(serializedBytes: bytes).outputs["y"]
    }

    @Test("comes back as it was sent, in typed fields, in tensor_content and without elements")
    func roundTrip() async throws {
        let scratch = try ScratchFolder()
        try scratch.write([UInt8](try Self.savedModel.serializedData()), to: "m/1/saved_model.pb")
        let loader = ModelLoader(
            library: try TensorFlowLibrary.load(), session: SessionOptions(), keys: nil,
            sealed: SealedModels(mountPath: nil, manifests: [], log: { _ in }),
            batching: nil, warmUp: nil, admission: Admission(), metrics: ServingMetrics())
        let version = try #require(try ServableFolder(path: scratch.file("m")).versions.first)
        let model = try await loader.load(ServedModel(name: "m", basePath: scratch.file("m")), version)
        var contentOptions = Inference.Options()
        contentOptions.writesTensorContent = true
        for test in Self.cases {
            let variants: [(shape: [Int64], fill: @Sendable (inout Tensorflow_TensorProto) -> Void)] = [([2, 1], test.fill), ([0, 3], { _ in })]
            for (shape, fill) in variants {
                var request = Tensorflow_Serving_PredictRequest()
                request.modelSpec.signatureName = Self.signature(test.dataType)
                request.inputs["x"] = .with {
                    $0.dtype = test.dataType
                    $0.tensorShape.dim = shape.map { size in .with { $0.size = size } }
                    fill(&$0)
                }
                let typed = try await Self.answer(to: request, Inference(model))
                #expect(typed == request.inputs["x"], "\(test.dataType)")
                let content = try await Self.answer(to: request, Inference(model, options: contentOptions))
                // What was written to tensor_content is read from there, too.
                request.inputs["x"] = content
                let again = try await Self.answer(to: request, Inference(model))
                #expect(again == typed, "\(test.dataType)")
            }
        }
    }
}
