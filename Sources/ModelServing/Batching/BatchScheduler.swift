// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TensorFlowRuntime

/// Runs the batches of all models, so many at once as there are batch threads, the queues in turn.
final class BatchScheduler: Sendable {
    /// What is put together: requests of one session that feed and fetch the same tensors.
    ///
    /// The types count too: a request with a wrong one is then refused alone, and does not spoil those of others.
    struct Key: Hashable {
        let session: ObjectIdentifier
        let feeds: [Feed]
        let fetches: [String]

        struct Feed: Hashable {
            let name: String
            let dataType: Int32
        }
    }

    /// A batch with what is to run it.
    fileprivate struct Work {
        let batch: BatchQueue.Batch
        let runner: BatchRunner
    }

    fileprivate struct Entry {
        var queue: BatchQueue
        let runner: BatchRunner
    }

    fileprivate struct State {
        var queues: [Key: Entry] = [:]
        /// The order in which the queues are looked at; the one that was served last is at the end.
        var turns: [Key] = []
        var freeThreads: Int
        var lastTicket: UInt64 = 0
        var enqueued = 0
    }

    /// How many requests were put into queues so far.
    var enqueuedCount: Int { self.state.withLock { $0.enqueued } }

    private let state: Mutex<State>
    private let clock: any Clock<Duration>

    /// Runs `threads` batches at once.
    init(threads: Int, clock: any Clock<Duration> = ContinuousClock()) {
        self.state = Mutex(State(freeThreads: threads))
        self.clock = clock
    }

    /// Runs a request in a batch with others.
    ///
    /// - Throws: when it is too large or the queue is full; `CancellationError` when the task is cancelled while it waits;
    ///   `RESOURCE_EXHAUSTED` when its deadline passes while it waits; what fails the batch.
    func run(_ request: RunRequest, size: Int, key: Key, runner: BatchRunner) async throws -> [Tensor] {
        let ticket = self.state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let expiry = request.deadline.map { deadline in
            Task {
                try await Task.sleep(until: deadline, clock: .continuous)
                self.abandon(ticket, key: key, BatchRunner.expired)
            }
        }
        defer { expiry?.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.enqueue(request, size: size, ticket: ticket, key: key, runner: runner, continuation)
                // Either may have come before there was anything to abandon.
                if Task.isCancelled { self.abandon(ticket, key: key, CancellationError()) }
                if let deadline = request.deadline, deadline <= .now { self.abandon(ticket, key: key, BatchRunner.expired) }
            }
        } onCancel: {
            self.abandon(ticket, key: key, CancellationError())
        }
    }

    private func enqueue(
        _ request: RunRequest, size: Int, ticket: UInt64, key: Key, runner: BatchRunner, _ continuation: CheckedContinuation<[Tensor], any Error>
    ) {
        let result = self.state.withLock { state -> Result<(opened: [Int], work: [Work]), RequestError> in
            var entry = state.queues[key] ?? Entry(queue: BatchQueue(runner.parameters), runner: runner)
            let parts: [Range<Int>]
            do throws(RequestError) { parts = try entry.queue.parts(of: size) } catch { return .failure(error) }
            state.enqueued += 1
            let opened = entry.queue.append(BatchTask(request, ticket: ticket, parts: parts, continuation: continuation))
            if state.queues.updateValue(entry, forKey: key) == nil { state.turns.append(key) }
            return .success((opened, state.takeWork()))
        }
        switch result {
        case .failure(let error): continuation.resume(throwing: error)
        case .success(let (opened, work)):
            self.start(work)
            guard runner.parameters.timeout > .zero else { return }
            for number in opened { self.makeDueLater(number, key: key, after: runner.parameters.timeout) }
        }
    }

    /// Lets a batch wait for others for as long as it may.
    private func makeDueLater(_ number: Int, key: Key, after timeout: Duration) {
        // The task ends by itself; a batch that has been run meanwhile is not found any more.
        Task {
            try? await self.clock.sleep(for: timeout)
            let work = self.state.withLock { state in
                state.queues[key]?.queue.makeDue(number)
                return state.takeWork()
            }
            self.start(work)
        }
    }

    /// Takes a request out of its queue, if it still waits there.
    private func abandon(_ ticket: UInt64, key: Key, _ reason: any Error) {
        let task = self.state.withLock { state -> BatchTask? in
            guard let task = state.queues[key]?.queue.remove(ticket) else { return nil }
            state.forgetIfEmpty(key)
            return task
        }
        task?.fail(reason)
    }

    /// Begins batches that were taken; each occupies a batch thread until it is done.
    private func start(_ work: [Work]) {
        for item in work {
            // The task is waited for by the requests of its batch.
            Task {
                await item.runner.run(item.batch)
                let more = self.state.withLock { state in
                    state.freeThreads += 1
                    return state.takeWork()
                }
                self.start(more)
            }
        }
    }
}

extension BatchScheduler.State {
    /// Takes as many batches as there are free threads, one queue after another.
    fileprivate mutating func takeWork() -> [BatchScheduler.Work] {
        var work: [BatchScheduler.Work] = []
        while self.freeThreads > 0, let item = self.takeOne() {
            self.freeThreads -= 1
            work.append(item)
        }
        return work
    }

    private mutating func takeOne() -> BatchScheduler.Work? {
        for (index, key) in self.turns.enumerated() {
            guard let batch = self.queues[key]?.queue.takeReady(), let runner = self.queues[key]?.runner else { continue }
            self.turns.remove(at: index)
            self.turns.append(key)
            self.forgetIfEmpty(key)
            return BatchScheduler.Work(batch: batch, runner: runner)
        }
        return nil
    }

    /// A queue in which nothing waits has nothing to remember.
    fileprivate mutating func forgetIfEmpty(_ key: BatchScheduler.Key) {
        guard self.queues[key]?.queue.isEmpty == true else { return }
        self.queues[key] = nil
        self.turns.removeAll { $0 == key }
    }
}
