// SPDX-License-Identifier: Apache-2.0

import GRPCCore

/// The task of a call that may wait for ever, and must not.
///
/// To be made in the call's handler: where its answer's stream is written, its deadline is no longer known.
struct CallTask {
    private let deadline = RequestDeadline.current

    /// What a call is told that is cancelled; where its client has gone nobody hears it.
    var end: RequestError {
        if let deadline, deadline <= .now { return RequestError(.deadlineExceeded, "the call's time is over") }
        return RequestError(.unavailable, "the server is shutting down")
    }

    /// Runs `body` in a task that is cancelled with the call: when its client has gone, when its time is over, and when the server shuts down.
    ///
    /// gRPC tells of all three by a handler, and not by cancelling the task that answers.
    ///
    /// - Throws: ``end`` in place of `CancellationError`, and what `body` throws.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task { try await body() }
        do {
            return try await withTaskCancellationHandler {
                try await withRPCCancellationHandler {
                    try await task.value
                } onCancelRPC: {
                    task.cancel()
                }
            } onCancel: {
                task.cancel()
            }
        } catch is CancellationError {
            throw self.end
        }
    }
}
