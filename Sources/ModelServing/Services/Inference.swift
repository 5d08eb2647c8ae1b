// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
package import TensorFlowProtos
import TensorFlowRuntime

/// Answers requests with one loaded version of a model, whatever way they came.
package struct Inference: Sendable {
    /// What the server's flags change in answers.
    package struct Options: Hashable, Sendable {
        /// Whether outputs are written to `tensor_content` instead of typed fields (`--enable_serialization_as_tensor_content`).
        package var writesTensorContent = false
        /// Whether a signature must have been made for the call (`--enable_signature_method_name_check`).
        package var checksMethodName = false

        package init() {}
    }

    let model: LoadedModel
    let options: Options
    /// How long the session may run; `nil` for as long as it takes.
    let timeout: Duration?

    package init(_ model: LoadedModel, options: Options = Options(), timeout: Duration? = nil) {
        self.model = model
        self.options = options
        self.timeout = timeout
    }

    // MARK: Predict

    /// Answers a Predict request; which model it names has been seen to.
    package func predict(_ request: PredictInputs) async throws(RequestError) -> PredictAnswer {
        let key = Self.signatureKey(request.spec ?? .init())
        guard let signature = self.model.signatures[key] else {
            throw RequestError(.failedPrecondition, "Serving signature key \"\(key)\" not found.")
        }
        try self.checkPredictMethod(signature)
        let outputs = try await self.run(try Prediction(request, signature: signature))
        return try PredictAnswer(
            Tensorflow_Serving_ModelSpec(answeredBy: self.model, signature: key), outputs, asContent: self.options.writesTensorContent)
    }

    /// Runs a prediction; returns its outputs by alias, in the order asked for.
    func run(_ prediction: Prediction) async throws(RequestError) -> [(alias: String, tensor: Tensor)] {
        let tensors = try await self.run(feeds: prediction.feeds, fetches: prediction.fetches.map(\.name), api: .predict)
        return zip(prediction.fetches, tensors).map { ($0.alias, $1) }
    }

    func checkPredictMethod(_ signature: Tensorflow_SignatureDef) throws(RequestError) {
        let methods = [Signature.Method.predict, Signature.Method.classify, Signature.Method.regress]
        guard self.options.checksMethodName, !methods.contains(signature.methodName) else { return }
        throw RequestError(
            .internalError,
            "Expected prediction signature method_name to be one of {\(methods.joined(separator: ", "))}. Was: \(signature.methodName)")
    }

    // MARK: Classify and Regress

    /// Answers a Classify request.
    package func classify(_ request: SingleInferenceRequest) async throws(RequestError) -> Tensorflow_Serving_ClassificationResponse {
        let key = Self.signatureKey(request.spec ?? .init())
        let result = try await self.classify(request.input, signature: key)
        return .with {
            $0.modelSpec = Tensorflow_Serving_ModelSpec(answeredBy: self.model, signature: key)
            $0.result = result
        }
    }

    func classify(_ input: ExampleInput, signature key: String) async throws(RequestError) -> Tensorflow_Serving_ClassificationResult {
        let signature = try ClassificationSignature(try self.exampleSignature(key), checksMethodName: self.options.checksMethodName)
        return try signature.result(of: try await self.run(input, [signature], api: .classify), count: input.count)
    }

    /// Answers a Regress request.
    package func regress(_ request: SingleInferenceRequest) async throws(RequestError) -> Tensorflow_Serving_RegressionResponse {
        let key = Self.signatureKey(request.spec ?? .init())
        let result = try await self.regress(request.input, signature: key)
        return .with {
            $0.modelSpec = Tensorflow_Serving_ModelSpec(answeredBy: self.model, signature: key)
            $0.result = result
        }
    }

    func regress(_ input: ExampleInput, signature key: String) async throws(RequestError) -> Tensorflow_Serving_RegressionResult {
        let signature = try RegressionSignature(try self.exampleSignature(key), checksMethodName: self.options.checksMethodName)
        return try signature.result(of: try await self.run(input, [signature], api: .regress), count: input.count)
    }

    private func exampleSignature(_ key: String) throws(RequestError) -> Tensorflow_SignatureDef {
        if let signature = self.model.signatures[key] { return signature }
        throw RequestError(.invalidArgument, "No signature was found with the name: \(key)")
    }

    // MARK: Running

    static func signatureKey(_ spec: Tensorflow_Serving_ModelSpec) -> String {
        spec.signatureName.isEmpty ? ModelSelection.defaultSignature : spec.signatureName
    }

    /// Feeds the examples to all the signatures' inputs and fetches all their outputs, each tensor once.
    func run(_ input: ExampleInput, _ signatures: [any ExampleSignature], api: InferenceAPI) async throws(RequestError) -> [String: Tensor] {
        let tensor = try input.tensor()
        let inputs = Set(signatures.map(\.input)).sorted()
        let outputs = Set(signatures.flatMap(\.outputs)).sorted()
        let tensors = try await self.run(feeds: inputs.map { ($0, tensor) }, fetches: outputs, api: api)
        return Dictionary(uniqueKeysWithValues: zip(outputs, tensors))
    }

    private func run(
        feeds: [(name: String, tensor: Tensor)], fetches: [String], api: InferenceAPI
    ) async throws(RequestError) -> [Tensor] {
        do {
            return try await self.model.run(feeds: feeds, fetches: fetches, timeout: self.timeout, api: api)
        } catch {
            throw RequestError(describing: error)
        }
    }
}
