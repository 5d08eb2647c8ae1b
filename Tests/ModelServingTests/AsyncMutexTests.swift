// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import ModelServing

@Suite("Mutual exclusion of tasks", .timeLimit(.minutes(1)))
struct AsyncMutexTests {
    /// A lock that is held until it is let go of, and what was run under it since.
    private final class Held: Sendable {
        let mutex = AsyncMutex()
        private let names = Mutex<[String]>([])
        private let holder: Task<Void, any Error>
        private let end: AsyncStream<Void>.Continuation

        init() async throws {
            let (begins, begin) = AsyncStream<Void>.makeStream()
            let (ends, end) = AsyncStream<Void>.makeStream()
            self.end = end
            self.holder = Task { [mutex] in
                try await mutex.withLock {
                    begin.yield()
                    for await _ in ends { break }
                    try Task.checkCancellation()
                }
            }
            for await _ in begins { break }
        }

        var ran: [String] { self.names.withLock { $0 } }

        /// A task that waits for its turn when this returns.
        func queue(_ name: String) async -> Task<Void, any Error> {
            let (waits, wait) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await self.mutex.withLock(onWait: { wait.yield() }) { self.names.withLock { $0.append(name) } }
            }
            for await _ in waits { break }
            return task
        }

        /// Lets the lock go.
        func release() async throws {
            self.end.yield()
            try await self.holder.value
        }

        /// Cancels the task that holds the lock.
        func cancel() async throws {
            self.holder.cancel()
            try await self.holder.value
        }
    }

    @Test("each has its turn in the order in which they came, and none before the lock is let go of")
    func order() async throws {
        let held = try await Held()
        var tasks: [Task<Void, any Error>] = []
        for name in ["a", "b", "c"] { tasks.append(await held.queue(name)) }
        #expect(held.ran == [])
        try await held.release()
        for task in tasks { try await task.value }
        #expect(held.ran == ["a", "b", "c"])
    }

    @Test("a lock that nobody holds is taken at once")
    func free() async throws {
        let mutex = AsyncMutex()
        for number in 0..<2 {
            #expect(try await mutex.withLock(onWait: { Issue.record("it waits") }) { number } == number)
        }
    }

    @Test("who is cancelled while it waits is told so at once, and the others keep their turns")
    func cancelledWhileQueued() async throws {
        let held = try await Held()
        let (first, second, third) = (await held.queue("a"), await held.queue("b"), await held.queue("c"))
        second.cancel()
        // The lock is still held.
        await #expect(throws: CancellationError.self) { try await second.value }
        try await held.release()
        try await first.value
        try await third.value
        #expect(held.ran == ["a", "c"])
    }

    @Test("who is cancelled before it asks is not let in, and takes no lock with it")
    func cancelledBefore() async throws {
        let mutex = AsyncMutex()
        let task = Task {
            // Ends with the task's cancellation alone.
            for await _ in AsyncStream<Void>.makeStream().stream {}
            try await mutex.withLock { _ = Issue.record("it runs") }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await mutex.withLock {}
    }

    @Test("who is cancelled while it holds the lock runs to its own end, and the next one has its turn")
    func cancelledWhileHeld() async throws {
        let held = try await Held()
        let next = await held.queue("a")
        await #expect(throws: CancellationError.self) { try await held.cancel() }
        try await next.value
        #expect(held.ran == ["a"])
    }

    @Test("an error is passed on, and lets the lock go")
    func throwing() async throws {
        let mutex = AsyncMutex()
        let error = RequestError(.internalError, "broken")
        await #expect(throws: error) { try await mutex.withLock { throw error } }
        try await mutex.withLock {}
    }
}
