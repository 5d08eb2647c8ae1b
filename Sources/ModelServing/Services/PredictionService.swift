// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime

/// `tensorflow.serving.PredictionService`.
struct PredictionService: Tensorflow_Serving_PredictionService.SimpleServiceProtocol {
    /// The only field of a model's metadata that there is.
    private static let signatureField = "signature_def"

    let repository: ModelRepository

    func predict(request: Tensorflow_Serving_PredictRequest, context: ServerContext) async throws -> Tensorflow_Serving_PredictResponse {
        let selection = try ModelSelection(request.hasModelSpec ? request.modelSpec : nil)
        let model = try self.repository.model(selection.name, selection.version)
        guard let signature = model.signatures[selection.signature] else {
            throw RequestError(.failedPrecondition, "Serving signature key \"\(selection.signature)\" not found.")
        }
        let prediction = try Prediction(request, signature: signature)
        let outputs = try await model.run(prediction)
        return Tensorflow_Serving_PredictResponse.with {
            $0.modelSpec = Tensorflow_Serving_ModelSpec(answeredBy: model, signature: selection.signature)
            $0.outputs = outputs
        }
    }

    func getModelMetadata(
        request: Tensorflow_Serving_GetModelMetadataRequest, context: ServerContext
    ) async throws -> Tensorflow_Serving_GetModelMetadataResponse {
        guard request.hasModelSpec else { throw RequestError(.invalidArgument, "Missing ModelSpec") }
        guard !request.metadataField.isEmpty else {
            throw RequestError(.invalidArgument, "GetModelMetadataRequest must specify at least one metadata_field")
        }
        if let unknown = request.metadataField.first(where: { $0 != Self.signatureField }) {
            throw RequestError(.invalidArgument, "Metadata field \(unknown) is not supported")
        }
        let selection = try ModelSelection(request.modelSpec)
        let model = try self.repository.model(selection.name, selection.version)
        let signatures = Tensorflow_Serving_SignatureDefMap.with { $0.signatureDef = model.signatures }
        var response = Tensorflow_Serving_GetModelMetadataResponse()
        response.modelSpec = Tensorflow_Serving_ModelSpec(answeredBy: model)
        response.metadata[Self.signatureField] = try Google_Protobuf_Any(message: signatures)
        return response
    }

    func classify(
        request: Tensorflow_Serving_ClassificationRequest, context: ServerContext
    ) async throws -> Tensorflow_Serving_ClassificationResponse {
        throw Self.notOffered("Classify")
    }

    func regress(request: Tensorflow_Serving_RegressionRequest, context: ServerContext) async throws -> Tensorflow_Serving_RegressionResponse {
        throw Self.notOffered("Regress")
    }

    func multiInference(
        request: Tensorflow_Serving_MultiInferenceRequest, context: ServerContext
    ) async throws -> Tensorflow_Serving_MultiInferenceResponse {
        throw Self.notOffered("MultiInference")
    }

    private static func notOffered(_ method: String) -> RequestError {
        RequestError(.unimplemented, "\(method) is not offered by this server yet: call Predict with the signature's tensors")
    }
}

extension LoadedModel {
    /// Runs the session and encodes what it fetched, by alias.
    fileprivate func run(_ prediction: Prediction) async throws(RequestError) -> [String: Tensorflow_TensorProto] {
        let tensors: [Tensor]
        do {
            tensors = try await self.run(feeds: prediction.feeds, fetches: prediction.fetches.map(\.name), timeout: RequestDeadline.timeLeft)
        } catch {
            throw RequestError(describing: error)
        }
        var outputs: [String: Tensorflow_TensorProto] = [:]
        for (fetch, tensor) in zip(prediction.fetches, tensors) {
            guard let proto = Tensorflow_TensorProto(tensor) else {
                throw RequestError(.unimplemented, "output \(fetch.alias) has a data type that cannot be sent: \(tensor.dataType)")
            }
            outputs[fetch.alias] = proto
        }
        return outputs
    }
}
