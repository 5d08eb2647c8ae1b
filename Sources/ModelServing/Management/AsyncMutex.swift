// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Mutual exclusion of tasks, which may wait for other things while they hold it.
///
/// Each has its turn in the order in which they came.
final class AsyncMutex: Sendable {
    private struct State {
        var isHeld = false
        var next = 0
        /// Resumed with whether the lock is theirs.
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state = Mutex(State())

    /// Runs `body` while no other one runs.
    ///
    /// - Parameters:
    ///   - onWait: called once it has to wait for its turn.
    ///   - body: what is to be run.
    /// - Returns: what `body` returns.
    /// - Throws: `CancellationError` when the task is cancelled before its turn, and what `body` throws.
    func withLock<Result>(onWait: () -> Void = {}, _ body: () async throws -> Result) async throws -> Result {
        guard await self.lock(onWait) else { throw CancellationError() }
        defer { self.unlock() }
        return try await body()
    }

    /// - Returns: whether the lock is the caller's; it is not when the task is cancelled.
    private func lock(_ onWait: () -> Void) async -> Bool {
        let number = self.state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { self.wait(number, $0, onWait) }
        } onCancel: {
            self.leave(number)
        }
    }

    private func wait(_ number: Int, _ continuation: CheckedContinuation<Bool, Never>, _ onWait: () -> Void) {
        let isTheirs: Bool? = self.state.withLock { state in
            // A task that is cancelled later than this is found among those who wait.
            if Task.isCancelled { return false }
            if state.isHeld {
                state.waiting.append((number, continuation))
                return nil
            }
            state.isHeld = true
            return true
        }
        if let isTheirs { continuation.resume(returning: isTheirs) } else { onWait() }
    }

    private func leave(_ number: Int) {
        let continuation = self.state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).continuation }
        }
        continuation?.resume(returning: false)
    }

    private func unlock() {
        let next = self.state.withLock { state in
            let next = state.waiting.isEmpty ? nil : state.waiting.removeFirst().continuation
            state.isHeld = next != nil
            return next
        }
        next?.resume(returning: true)
    }
}
