// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Threads of our own for calls that block, so that the cooperative pool never does.
///
/// A fixed number of threads and a queue, first in, first out. They live as long as the process, like the library they serve.
final class WorkerPool: Sendable {
    private struct Job: Sendable {
        let work: @Sendable () -> Void
        let abandon: @Sendable () -> Void
    }

    private struct Queue {
        var jobs: [UInt64: Job] = [:]
        var next: UInt64 = 0
        var head: UInt64 = 0

        /// Removes the oldest job that was not abandoned.
        mutating func takeFirst() -> Job? {
            while self.head < self.next {
                defer { self.head += 1 }
                if let job = self.jobs.removeValue(forKey: self.head) { return job }
            }
            return nil
        }
    }

    private let queue = Mutex(Queue())
    /// Counts the jobs put into the queue; a job abandoned there leaves one count too many, which a worker passes over.
    private let available = DispatchSemaphore(value: 0)

    init(threads: Int) {
        for _ in 0..<max(1, threads) { self.startThread() }
    }

    /// Does `work` on one of the threads and returns what it returns.
    ///
    /// - Throws: what `work` throws, or `CancellationError` if the task is cancelled while the work still waits in the queue.
    ///   Work that has begun is waited for.
    func perform<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        let ticket = self.queue.withLock { queue in
            defer { queue.next += 1 }
            return queue.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = Job(
                    work: { continuation.resume(with: Swift.Result { try work() }) },
                    abandon: { continuation.resume(throwing: CancellationError()) })
                self.enqueue(job, ticket: ticket)
                // The cancellation handler may have run before there was anything to abandon.
                if Task.isCancelled { self.abandon(ticket) }
            }
        } onCancel: {
            self.abandon(ticket)
        }
    }

    /// Does `work` on one of the threads without waiting for it; it cannot be cancelled.
    func enqueue(_ work: @escaping @Sendable () -> Void) {
        let ticket = self.queue.withLock { queue in
            defer { queue.next += 1 }
            return queue.next
        }
        self.enqueue(Job(work: work, abandon: {}), ticket: ticket)
    }

    private func enqueue(_ job: Job, ticket: UInt64) {
        self.queue.withLock { queue in
            queue.jobs[ticket] = job
            // A later ticket may have been taken from the queue before this one came.
            queue.head = min(queue.head, ticket)
        }
        self.available.signal()
    }

    private func abandon(_ ticket: UInt64) {
        let job = self.queue.withLock { $0.jobs.removeValue(forKey: ticket) }
        job?.abandon()
    }

    private func startThread() {
        let box = unsafe Unmanaged.passRetained(self)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        // Sound: the retained pool is handed to exactly one thread, which takes the reference over.
        let failure = unsafe pthread_create(&thread, nil, Self.main, box.toOpaque())
        // Without a thread nothing could ever be answered; the system's limits are wrong, which no caller can mend.
        precondition(failure == 0, "the system refused a thread (error \(failure))")
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<WorkerPool>.fromOpaque(argument).takeRetainedValue().work()
    }

    private func work() -> Never {
        while true {
            self.available.wait()
            if let job = self.queue.withLock({ $0.takeFirst() }) { job.work() }
        }
    }
}
