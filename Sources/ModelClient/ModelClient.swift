// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCNIOTransportHTTP2
import SavedModels
import SwiftProtobuf
import TensorFlowProtos

/// Asks a model server that speaks TensorFlow Serving's gRPC.
public struct ModelClient: Sendable {
    typealias Transport = HTTP2ClientTransport.Posix

    private let client: GRPCClient<Transport>
    private let configuration: ModelClientConfiguration

    /// Connects, lends the client to `body`, and disconnects.
    ///
    /// - Throws: ``ModelClientError``, or what `body` throws.
    public static func withConnection<Result: Sendable>(
        _ configuration: ModelClientConfiguration, _ body: @Sendable (ModelClient) async throws -> Result
    ) async throws -> Result {
        let security: Transport.TransportSecurity = if let tls = configuration.security { try .init(tls) } else { .plaintext }
        let transport: Transport
        do {
            transport = try Transport(
                target: Self.target(configuration), transportSecurity: security,
                config: .defaults { $0.http2.authority = configuration.security?.serverName })
        } catch let error as RuntimeError {
            throw ModelClientError(
                .badCredentials, "certificate, private key and CA cannot be used for TLS: \(error.cause.map { "\($0)" } ?? error.message)",
                remedy: "give the private key that the certificate was issued for")
        }
        return try await withGRPCClient(transport: transport) { client in
            try await body(ModelClient(client: client, configuration: configuration))
        }
    }

    private static func target(_ configuration: ModelClientConfiguration) -> any ResolvableTarget {
        let (host, port) = (configuration.host, configuration.port)
        if host.contains(":") { return .ipv6(address: host, port: port) }
        if host.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return .ipv4(address: host, port: port)
        }
        return .dns(host: host, port: port)
    }

    /// Asks for a prediction.
    ///
    /// - Parameters:
    ///   - model: the model's name.
    ///   - version: the version; `nil` for the highest that there is.
    ///   - signature: the signature's key; `nil` for the model's default.
    ///   - inputs: tensors by the signature's names.
    ///   - outputs: the names of the outputs wanted; none for all.
    /// - Returns: what the server predicted.
    /// - Throws: ``ModelClientError``.
    public func predict(
        model: String, version: Int64? = nil, signature: String? = nil, inputs: [String: TensorValue], outputs: [String] = []
    ) async throws -> PredictionAnswer {
        let request = Tensorflow_Serving_PredictRequest.with {
            $0.modelSpec = Self.modelSpec(model, version: version, signature: signature)
            $0.inputs = inputs.mapValues(\.proto)
            $0.outputFilter = outputs
        }
        let stub = Tensorflow_Serving_PredictionService.Client(wrapping: self.client)
        let response = try await self.call { options in try await stub.predict(request, options: options) }
        var values: [String: TensorValue] = [:]
        for (name, proto) in response.outputs { values[name] = try TensorValue(decoding: proto, name: name) }
        return PredictionAnswer(
            model: response.modelSpec.name, version: response.modelSpec.version.value, signature: response.modelSpec.signatureName, outputs: values)
    }

    /// Asks for a model's signatures.
    ///
    /// - Throws: ``ModelClientError``.
    public func metadata(model: String, version: Int64? = nil) async throws -> ModelMetadata {
        let request = Tensorflow_Serving_GetModelMetadataRequest.with {
            $0.modelSpec = Self.modelSpec(model, version: version, signature: nil)
            $0.metadataField = ["signature_def"]
        }
        let stub = Tensorflow_Serving_PredictionService.Client(wrapping: self.client)
        let response = try await self.call { options in try await stub.getModelMetadata(request, options: options) }
        guard let packed = response.metadata["signature_def"], let map = try? Tensorflow_Serving_SignatureDefMap(unpackingAny: packed) else {
            throw ModelClientError(.badAnswer, "the server's metadata of \(model) holds no signatures that can be read")
        }
        return ModelMetadata(
            model: response.modelSpec.name, version: response.modelSpec.version.value, signatures: map.signatureDef.mapValues { Signature($0) })
    }

    /// Asks for the state of a model's versions, highest first.
    ///
    /// - Throws: ``ModelClientError``.
    public func status(model: String, version: Int64? = nil) async throws -> [ModelVersionStatus] {
        let request = Tensorflow_Serving_GetModelStatusRequest.with { $0.modelSpec = Self.modelSpec(model, version: version, signature: nil) }
        let stub = Tensorflow_Serving_ModelService.Client(wrapping: self.client)
        let response = try await self.call { options in try await stub.getModelStatus(request, options: options) }
        return response.modelVersionStatus.map {
            ModelVersionStatus(
                version: $0.version, state: "\($0.state)".uppercased(), failure: $0.status.errorMessage.isEmpty ? nil : $0.status.errorMessage)
        }
    }

    private static func modelSpec(_ model: String, version: Int64?, signature: String?) -> Tensorflow_Serving_ModelSpec {
        .with {
            $0.name = model
            if let version { $0.version = Google_Protobuf_Int64Value(version) }
            if let signature { $0.signatureName = signature }
        }
    }

    private func call<Response>(_ body: (CallOptions) async throws -> Response) async throws -> Response {
        var options = CallOptions.defaults
        options.timeout = self.configuration.timeout
        options.maxRequestMessageBytes = Int(Int32.max)
        options.maxResponseMessageBytes = Int(Int32.max)
        do {
            return try await body(options)
        } catch let error as RPCError {
            throw ModelClientError(error, server: self.configuration)
        }
    }
}
