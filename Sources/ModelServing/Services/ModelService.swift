// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import SwiftProtobuf
import TensorFlowProtos

/// `tensorflow.serving.ModelService`.
struct ModelService: Tensorflow_Serving_ModelService.SimpleServiceProtocol {
    let repository: ModelRepository
    /// Who follows a new configuration; `nil` where none can be followed.
    let manager: ModelManager?

    func getModelStatus(
        request: Tensorflow_Serving_GetModelStatusRequest, context: ServerContext
    ) async throws -> Tensorflow_Serving_GetModelStatusResponse {
        guard request.hasModelSpec else { throw RequestError(.invalidArgument, "Missing ModelSpec") }
        // A label is passed over here, as by TensorFlow Serving: all versions are listed.
        let version: Int64? = if case .version(let wrapper) = request.modelSpec.versionChoice { wrapper.value } else { nil }
        let statuses = try self.repository.statuses(of: request.modelSpec.name, version: version)
        return Tensorflow_Serving_GetModelStatusResponse.with { $0.modelVersionStatus = statuses.map(Tensorflow_Serving_ModelVersionStatus.init) }
    }

    func handleReloadConfigRequest(
        request: Tensorflow_Serving_ReloadConfigRequest, context: ServerContext
    ) async throws -> Tensorflow_Serving_ReloadConfigResponse {
        guard let manager = self.manager else {
            throw RequestError(.unimplemented, "this server's models cannot be changed while it runs")
        }
        let before = request.metricNames.map { manager.metrics.total(of: $0) }
        try await CallTask().run { try await manager.reload(request.config) }
        return Tensorflow_Serving_ReloadConfigResponse.with {
            $0.metric = zip(request.metricNames, before).map { name, before in
                .with {
                    $0.name = name
                    $0.int64ValueIncrease = manager.metrics.total(of: name) - before
                }
            }
        }
    }
}

extension Tensorflow_Serving_ModelVersionStatus {
    fileprivate init(_ status: ModelRepository.Status) {
        self.init()
        self.version = status.version
        self.state =
            switch status.state {
            case .start: .start
            case .loading: .loading
            case .available: .available
            case .unloading: .unloading
            case .end: .end
            }
        self.status = Tensorflow_Serving_StatusProto.with {
            guard let failure = status.failure else { return }
            $0.errorCode = Tensorflow_Error_Code(rawValue: failure.rpcErrorCode.rawValue) ?? .unknown
            $0.errorMessage = failure.message
        }
    }
}
