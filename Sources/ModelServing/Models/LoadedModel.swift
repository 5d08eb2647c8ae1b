// SPDX-License-Identifier: Apache-2.0

import GRPCCore
package import TensorFlowProtos
package import TensorFlowRuntime

/// One version of a model, loaded and able to answer.
///
/// A request holds it for as long as it runs, so a version that is being unloaded finishes what it has begun: what it takes up is
/// freed when the last request has let go of it.
package final class LoadedModel: Sendable {
    package let name: String
    package let version: Int64
    /// The signatures of the meta graph as they are in the file.
    package let signatures: [String: Tensorflow_SignatureDef]

    /// What computes, and outlives this object until it is closed.
    let resources: ModelResources
    private let admission: Admission
    private let metrics: ServingMetrics

    init(
        name: String, version: Int64, signatures: [String: Tensorflow_SignatureDef], resources: ModelResources,
        admission: Admission, metrics: ServingMetrics
    ) {
        self.name = name
        self.version = version
        self.signatures = signatures
        self.resources = resources
        self.admission = admission
        self.metrics = metrics
    }

    deinit { self.resources.release() }

    /// Computes tensors of the graph from the values of others, in a batch with other requests where that is turned on.
    ///
    /// - Parameters:
    ///   - feeds: the session's tensor names with the tensors fed to them.
    ///   - fetches: the session's names of the tensors to compute.
    ///   - timeout: how long it may take, the time in queues included; `nil` for as long as it takes.
    ///   - api: for which interface, for the metrics.
    /// - Returns: the fetched tensors, in the order asked for.
    /// - Throws: a ``RequestError`` when the server has too much to do or the batching queue is full; TensorFlow's own refusal;
    ///   `CancellationError` when the client has gone before the run began.
    package func run(
        feeds: [(name: String, tensor: Tensor)], fetches: [String], timeout: Duration?, api: InferenceAPI = .predict
    ) async throws -> [Tensor] {
        try self.admission.enter()
        defer { self.admission.leave() }
        let deadline = timeout.map { ContinuousClock.now + $0 }
        let times = RunTimes()
        let request = RunRequest(feeds: feeds, fetches: fetches, deadline: deadline) { times.hasBegun() }
        let outputs: [Tensor]
        do {
            outputs = try await self.cancelledWithCall { [resources] in try await resources.runner.run(request) }
        } catch is CancellationError where deadline.map({ $0 <= .now }) == true {
            // gRPC cancels a call whose time is over, which is no wish of the client's.
            throw RequestError(.deadlineExceeded, "the request's time was over before it could be run")
        }
        self.observe(times, api)
        return outputs
    }

    private func observe(_ times: RunTimes, _ api: InferenceAPI) {
        let now = ContinuousClock.now
        self.metrics.runtimeLatency.observe(now - times.start, self.name, api.rawValue, "TF1")
        // What is run in a batch is measured there.
        guard let begun = times.begun else { return }
        self.metrics.queueLatency.observe(begun - times.start, self.name)
        self.metrics.sessionRunLatency.observe(now - begun, self.name)
    }

    /// Cancels `body` when its client has gone, of which gRPC tells by a handler and not by cancelling the task that answers.
    private func cancelledWithCall<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task(executorPreference: EventLoopExecutor.current) { try await body() }
        return try await withTaskCancellationHandler {
            try await withRPCCancellationHandler {
                try await task.value
            } onCancelRPC: { [admission] in
                // Calls are cancelled too when the server is to end, although their clients are there and wait.
                if !admission.isDraining { task.cancel() }
            }
        } onCancel: {
            task.cancel()
        }
    }
}
