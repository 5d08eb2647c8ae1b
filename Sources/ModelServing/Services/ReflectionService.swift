// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCProtobuf
import SwiftProtobuf
import TensorFlowProtos

/// gRPC's server reflection: tells tools such as grpcurl which services there are and what their messages look like.
struct ReflectionService: RegistrableRPCService {
    /// The protocol's two names; their messages are the same on the wire.
    private static let services = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]

    private let registry: DescriptorRegistry

    init() throws { self.registry = try DescriptorRegistry() }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        for service in Self.services {
            router.registerHandler(
                forMethod: MethodDescriptor(service: ServiceDescriptor(fullyQualifiedService: service), method: "ServerReflectionInfo"),
                deserializer: ProtobufDeserializer<Grpc_Reflection_V1_ServerReflectionRequest>(),
                serializer: ProtobufSerializer<Grpc_Reflection_V1_ServerReflectionResponse>()
            ) { request, _ in
                let call = CallTask()
                return StreamingServerResponse { writer in
                    try await call.run {
                        for try await message in request.messages { try await writer.write(self.answer(message)) }
                        // Not the client's end, but the task's.
                        try Task.checkCancellation()
                    }
                    return [:]
                }
            }
        }
    }

    private func answer(_ request: Grpc_Reflection_V1_ServerReflectionRequest) -> Grpc_Reflection_V1_ServerReflectionResponse {
        var response = Grpc_Reflection_V1_ServerReflectionResponse()
        response.validHost = request.host
        response.originalRequest = request
        switch request.messageRequest {
        case .listServices:
            response.listServicesResponse.service = self.registry.services.map { name in .with { $0.name = name } }
        case .fileByFilename(let name): response.set(self.registry.files(of: name), wanted: "file \(name)")
        case .fileContainingSymbol(let symbol): response.set(self.registry.files(declaring: symbol), wanted: "symbol \(symbol)")
        // The files are proto3, which has no extensions.
        case .fileContainingExtension(let wanted): response.set(nil, wanted: "extension \(wanted.extensionNumber) of \(wanted.containingType)")
        case .allExtensionNumbersOfType(let type):
            if self.registry.files(declaring: type) == nil {
                response.set(nil, wanted: "type \(type)")
            } else {
                response.allExtensionNumbersResponse.baseTypeName = type
            }
        case nil: response.setError(.invalidArgument, "the request asks for nothing")
        }
        return response
    }
}

extension Grpc_Reflection_V1_ServerReflectionResponse {
    fileprivate mutating func set(_ files: [DescriptorRegistry.SerializedFile]?, wanted: String) {
        guard let files else { return self.setError(.notFound, "there is no \(wanted)") }
        self.fileDescriptorResponse.fileDescriptorProto = files
    }

    fileprivate mutating func setError(_ code: Status.Code, _ message: String) {
        self.errorResponse.errorCode = Int32(code.rawValue)
        self.errorResponse.errorMessage = message
    }
}
