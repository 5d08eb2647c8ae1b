// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

/// What GetModelMetadata tells of a model: its signatures.
enum ModelMetadata {
    /// The only field of a model's metadata that there is.
    static let signatureField = "signature_def"

    static func answer(
        _ request: Tensorflow_Serving_GetModelMetadataRequest, repository: ModelRepository
    ) throws(RequestError) -> Tensorflow_Serving_GetModelMetadataResponse {
        guard request.hasModelSpec else { throw RequestError(.invalidArgument, "Missing ModelSpec") }
        guard !request.metadataField.isEmpty else {
            throw RequestError(.invalidArgument, "GetModelMetadataRequest must specify at least one metadata_field")
        }
        if let unknown = request.metadataField.first(where: { $0 != Self.signatureField }) {
            throw RequestError(.invalidArgument, "Metadata field \(unknown) is not supported")
        }
        let selection = try ModelSelection(request.modelSpec)
        let model = try repository.model(selection.name, selection.version)
        let signatures = Tensorflow_Serving_SignatureDefMap.with { $0.signatureDef = model.signatures }
        var response = Tensorflow_Serving_GetModelMetadataResponse()
        response.modelSpec = Tensorflow_Serving_ModelSpec(answeredBy: model)
        do {
            response.metadata[Self.signatureField] = try Google_Protobuf_Any(message: signatures)
        } catch {
            throw RequestError(describing: error)
        }
        return response
    }
}
