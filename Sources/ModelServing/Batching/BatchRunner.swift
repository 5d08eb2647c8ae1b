// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Puts batching before a session: what it is asked goes into a queue, and runs together with what others ask.
final class BatchRunner: ModelRunning {
    static let expired = RequestError(.resourceExhausted, "Run() timeout exceeded while waiting in batching queue")

    let parameters: BatchingParameters
    private let name: String
    private let session: any ModelRunning
    private let scheduler: BatchScheduler
    private let metrics: ServingMetrics

    /// Puts batching before `session`; `name` is the model's, for the metrics.
    init(_ session: any ModelRunning, name: String, parameters: BatchingParameters, scheduler: BatchScheduler, metrics: ServingMetrics) {
        self.name = name
        self.session = session
        self.parameters = parameters
        self.scheduler = scheduler
        self.metrics = metrics
    }

    func run(_ request: RunRequest) async throws -> [Tensor] {
        let size = try Self.size(of: request)
        self.metrics.batchRuns.add()
        self.metrics.inputBatchSize.observe(Double(size))
        let key = BatchScheduler.Key(
            session: ObjectIdentifier(self),
            feeds: request.feeds.map { .init(name: $0.name, dataType: $0.tensor.dataType.rawValue) }.sorted { $0.name < $1.name },
            fetches: Set(request.fetches).sorted())
        return try await self.scheduler.run(request, size: size, key: key, runner: self)
    }

    func close() async { await self.session.close() }

    /// Runs a batch and answers each of its requests.
    func run(_ batch: BatchQueue.Batch) async {
        let now = ContinuousClock.now
        var members: [BatchQueue.Member] = []
        for member in batch.members where !member.task.isFinished {
            self.metrics.batchQueuing.observe(now - member.task.enqueued, "")
            if let deadline = member.task.request.deadline, deadline <= now { member.task.fail(Self.expired) } else { members.append(member) }
        }
        guard let first = members.first else { return }
        let fetches = Set(first.task.request.fetches).sorted()
        do {
            let merged = try BatchContents(members, parameters: self.parameters)
            self.metrics.processedBatchSize.observe(Double(merged.paddedSize))
            self.metrics.batchPadding.observe(Double(merged.paddedSize - merged.size), String(merged.paddedSize))
            let times = RunTimes()
            let outputs = try await self.session.run(
                RunRequest(feeds: merged.feeds, fetches: fetches, deadline: Self.latestDeadline(of: members)) { times.hasBegun() })
            self.metrics.sessionRunLatency.observe(ContinuousClock.now - (times.begun ?? times.start), self.name)
            try self.answer(members, with: outputs, fetches, merged)
        } catch {
            for member in members { member.task.fail(error) }
        }
    }

    private func answer(_ members: [BatchQueue.Member], with outputs: [Tensor], _ fetches: [String], _ merged: BatchContents) throws {
        let rows = try merged.split(outputs)
        for (index, member) in members.enumerated() {
            let answers = Dictionary(uniqueKeysWithValues: zip(fetches, rows[index]))
            member.task.answer(member.part, with: member.task.request.fetches.compactMap { answers[$0] })
        }
    }

    /// A batch may run as long as the most patient of its requests waits.
    private static func latestDeadline(of members: [BatchQueue.Member]) -> ContinuousClock.Instant? {
        let deadlines = members.map(\.task.request.deadline)
        return deadlines.contains(nil) ? nil : deadlines.compactMap(\.self).max()
    }

    /// The number of rows, which all inputs must share.
    private static func size(of request: RunRequest) throws(RequestError) -> Int {
        guard !request.feeds.isEmpty else { throw RequestError(.invalidArgument, "Batching Run() must have at least one input tensor") }
        var sizes: Set<Int> = []
        for feed in request.feeds {
            guard let first = feed.tensor.shape.first else {
                throw RequestError(.invalidArgument, "Batching Run() input tensors must have at least one dimension")
            }
            sizes.insert(first)
        }
        guard sizes.count == 1, let size = sizes.first else {
            throw RequestError(.invalidArgument, "Batching Run() input tensors must have equal 0th-dimension size")
        }
        return size
    }
}
