// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCProtobuf
import SwiftProtobuf
import TensorFlowProtos

/// `tensorflow.serving.PredictionService`.
struct PredictionService: RegistrableRPCService {
    private typealias Method = Tensorflow_Serving_PredictionService.Method

    let repository: ModelRepository
    let options: Inference.Options
    let observer: any RequestObserver

    // Not the generated registration, which would decode requests whose bytes are wanted as they are.
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerUnary(
            Method.Predict.descriptor, WireRequestDeserializer<PredictInputs>(), PredictAnswerSerializer(), answer: self.predict)
        router.registerUnary(
            Method.Classify.descriptor, WireRequestDeserializer<SingleInferenceRequest>(), ProtobufSerializer(), answer: self.classify)
        router.registerUnary(Method.Regress.descriptor, WireRequestDeserializer<SingleInferenceRequest>(), ProtobufSerializer(), answer: self.regress)
        router.registerUnary(
            Method.MultiInference.descriptor, WireRequestDeserializer<MultipleInferenceRequest>(), ProtobufSerializer(),
            answer: self.multiInference)
        router.registerUnary(
            Method.GetModelMetadata.descriptor, ProtobufDeserializer<Tensorflow_Serving_GetModelMetadataRequest>(), ProtobufSerializer(),
            answer: self.metadata)
    }

    private func predict(_ request: PredictInputs) async throws(RequestError) -> PredictAnswer {
        try await self.observer.observing(.predict, .grpc, model: request.spec?.name ?? "") { () async throws(RequestError) in
            try await self.inference(request.spec).predict(request)
        }
    }

    private func classify(_ request: SingleInferenceRequest) async throws(RequestError) -> Tensorflow_Serving_ClassificationResponse {
        try await self.observer.observing(.classify, .grpc, model: request.spec?.name ?? "", exampleCount: request.input.count) {
            () async throws(RequestError) in
            try await self.inference(request.spec).classify(request)
        }
    }

    private func regress(_ request: SingleInferenceRequest) async throws(RequestError) -> Tensorflow_Serving_RegressionResponse {
        try await self.observer.observing(.regress, .grpc, model: request.spec?.name ?? "", exampleCount: request.input.count) {
            () async throws(RequestError) in
            try await self.inference(request.spec).regress(request)
        }
    }

    private func multiInference(_ request: MultipleInferenceRequest) async throws(RequestError) -> Tensorflow_Serving_MultiInferenceResponse {
        // The first task's model_spec chooses the version; a request without tasks names no model.
        let spec = request.tasks.first?.modelSpec ?? .init()
        return try await self.observer.observing(.multiInference, .grpc, model: spec.name, exampleCount: request.input.count) {
            () async throws(RequestError) in
            try await self.inference(spec).multiInference(request)
        }
    }

    private func metadata(
        _ request: Tensorflow_Serving_GetModelMetadataRequest
    ) async throws(RequestError) -> Tensorflow_Serving_GetModelMetadataResponse {
        try await self.observer.observing(.metadata, .grpc, model: request.modelSpec.name) { () async throws(RequestError) in
            try ModelMetadata.answer(request, repository: self.repository)
        }
    }

    /// The version that a request is for, held for as long as it runs.
    private func inference(_ spec: Tensorflow_Serving_ModelSpec?) throws(RequestError) -> Inference {
        let selection = try ModelSelection(spec)
        let model = try self.repository.model(selection.name, selection.version)
        return Inference(model, options: self.options, timeout: RequestDeadline.timeLeft)
    }
}

extension RPCRouter {
    /// Registers a call of one request and one answer.
    fileprivate mutating func registerUnary<Request: Sendable, Answer: Sendable>(
        _ method: MethodDescriptor, _ deserializer: some MessageDeserializer<Request>, _ serializer: some MessageSerializer<Answer>,
        answer: @escaping @Sendable (Request) async throws(RequestError) -> Answer
    ) {
        self.registerHandler(forMethod: method, deserializer: deserializer, serializer: serializer) { request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: try await answer(request.message)))
        }
    }
}
