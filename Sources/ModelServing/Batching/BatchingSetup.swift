// SPDX-License-Identifier: Apache-2.0

import TensorFlowProtos

/// Batching as the server was told to do it.
struct BatchingSetup: Sendable {
    private static let perModelFile = "batching_params.pbtxt"

    /// For all models, unless each has its own.
    let parameters: BatchingParameters
    /// Whether each version has its own parameters in its folder, and versions without are not batched.
    let isPerModel: Bool
    let processors: Int
    let metrics: ServingMetrics
    private let scheduler: BatchScheduler

    init(_ parameters: BatchingParameters, isPerModel: Bool, processors: Int, metrics: ServingMetrics) {
        self.parameters = parameters
        self.isPerModel = isPerModel
        self.processors = processors
        self.metrics = metrics
        self.scheduler = BatchScheduler(threads: parameters.threads)
    }

    /// What is asked instead of the session; `nil` for a version that is not batched.
    ///
    /// - Throws: `INVALID_ARGUMENT` when the version's own parameters cannot be used.
    func runner(before session: any ModelRunning, of name: String, _ files: VersionFiles) async throws -> BatchRunner? {
        guard self.isPerModel else { return self.runner(before: session, of: name, self.parameters) }
        guard let bytes = try await files.read(Self.perModelFile) else { return nil }
        let proto: Tensorflow_Serving_BatchingParameters
        do {
            proto = try TextFormatFile.parse(bytes, of: Self.perModelFile, as: Tensorflow_Serving_BatchingParameters.self)
        } catch {
            throw RequestError(.invalidArgument, error.message)
        }
        return self.runner(before: session, of: name, try BatchingParameters(proto, processors: self.processors))
    }

    private func runner(before session: any ModelRunning, of name: String, _ parameters: BatchingParameters) -> BatchRunner {
        BatchRunner(session, name: name, parameters: parameters, scheduler: self.scheduler, metrics: self.metrics)
    }
}
