// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
import Testing

@testable import TensorFlowRuntime

@Suite("Threads for blocking work")
struct WorkerPoolTests {
    @Test("work is done on another thread and its result or error comes back")
    func results() async throws {
        struct Failure: Error {}
        let pool = WorkerPool(threads: 2)
        #expect(try await pool.perform { 7 } == 7)
        await #expect(throws: Failure.self) { try await pool.perform { throw Failure() } }
    }

    @Test("work that waits in the queue is cancelled at once, and the rest goes on")
    func cancellation() async throws {
        let pool = WorkerPool(threads: 1)
        let gate = DispatchSemaphore(value: 0)
        // Holds the only thread, so that everything after it waits.
        pool.enqueue { gate.wait() }
        let ran = Mutex(false)
        let waiting = Task { try await pool.perform { ran.withLock { $0 = true } } }
        let last = Task { try await pool.perform { "last" } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.signal()
        #expect(try await last.value == "last")
        #expect(ran.withLock { $0 } == false)
    }

    @Test("a task that was cancelled before never begins its work")
    func cancelledBefore() async throws {
        let pool = WorkerPool(threads: 1)
        let gate = DispatchSemaphore(value: 0)
        pool.enqueue { gate.wait() }
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: CancellationError.self) { try await pool.perform { 1 } }
            }
        }
        gate.signal()
    }

    @Test("a thousand pieces of work are each done once")
    func many() async throws {
        let pool = WorkerPool(threads: 4)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<1000 { group.addTask { try await pool.perform { number } } }
            return try await group.reduce(0, +)
        }
        #expect(total == 499_500)
    }
}
