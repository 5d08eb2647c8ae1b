// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCProtobuf
import SwiftProtobuf
import TensorFlowProtos

/// `grpc.health.v1.Health`: whether the server can answer.
///
/// The services are SERVING once every model that is asked for has an available version, and until the server shuts down. Beside their full names
/// they are known under the short ones that TensorFlow Serving sets.
struct HealthService: RegistrableRPCService {
    private typealias Status = Grpc_Health_V1_HealthCheckResponse.ServingStatus

    private static let service = ServiceDescriptor(fullyQualifiedService: "grpc.health.v1.Health")
    private static let services: Set<String> = [
        "", "PredictionService", "ModelService", Tensorflow_Serving_PredictionService.descriptor.fullyQualifiedService,
        Tensorflow_Serving_ModelService.descriptor.fullyQualifiedService,
    ]

    let repository: ModelRepository

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        let deserializer = ProtobufDeserializer<Grpc_Health_V1_HealthCheckRequest>()
        let serializer = ProtobufSerializer<Grpc_Health_V1_HealthCheckResponse>()
        router.registerHandler(
            forMethod: MethodDescriptor(service: Self.service, method: "Check"), deserializer: deserializer, serializer: serializer
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: try self.check(request.message)))
        }
        router.registerHandler(
            forMethod: MethodDescriptor(service: Self.service, method: "Watch"), deserializer: deserializer, serializer: serializer
        ) { request, _ in
            let call = CallTask()
            let service = try await ServerRequest(stream: request).message.service
            return StreamingServerResponse { writer in
                let last = try await call.run { try await self.watch(service) { try await writer.write($0) } }
                // The call may have been cancelled before the last change was told.
                if last == .serving, self.repository.isDraining { try await writer.write(.with { $0.status = .notServing }) }
                throw call.end
            }
        }
    }

    private var status: Status { self.repository.readiness.isReady && !self.repository.isDraining ? .serving : .notServing }

    private func check(_ request: Grpc_Health_V1_HealthCheckRequest) throws -> Grpc_Health_V1_HealthCheckResponse {
        guard Self.services.contains(request.service) else { throw RPCError(code: .notFound, message: "unknown service") }
        return .with { $0.status = self.status }
    }

    /// Tells the status, and each change of it, until the task is cancelled.
    ///
    /// - Returns: what was told last.
    private func watch(_ service: String, write: (Grpc_Health_V1_HealthCheckResponse) async throws -> Void) async throws -> Status {
        let isKnown = Self.services.contains(service)
        let changes = self.repository.changes()
        var last = isKnown ? self.status : .serviceUnknown
        try await write(.with { $0.status = last })
        for await _ in changes where isKnown && self.status != last {
            last = self.status
            try await write(.with { $0.status = last })
        }
        return last
    }
}
