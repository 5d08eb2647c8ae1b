// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TensorFlowRuntime

/// One request on its way through the batching queue, whole or cut into parts, each answered by the batch that it went with.
final class BatchTask: Sendable {
    private struct State {
        var continuation: CheckedContinuation<[Tensor], any Error>?
        /// The answers to the parts so far, by part.
        var answers: [[Tensor]?]
        var unanswered: Int
    }

    /// Tells tasks apart before they are there.
    let ticket: UInt64
    let request: RunRequest
    /// The rows of each part.
    let parts: [Range<Int>]
    let enqueued = ContinuousClock.now
    private let state: Mutex<State>

    init(_ request: RunRequest, ticket: UInt64, parts: [Range<Int>], continuation: CheckedContinuation<[Tensor], any Error>) {
        self.ticket = ticket
        self.request = request
        self.parts = parts
        self.state = Mutex(State(continuation: continuation, answers: Array(repeating: nil, count: parts.count), unanswered: parts.count))
    }

    /// Whether nobody waits for the answer any more.
    var isFinished: Bool { self.state.withLock { $0.continuation == nil } }

    /// Answers a part; the request is answered with its last one.
    func answer(_ part: Int, with tensors: [Tensor]) {
        let whole = self.state.withLock { state -> (CheckedContinuation<[Tensor], any Error>, [[Tensor]])? in
            state.answers[part] = tensors
            state.unanswered -= 1
            guard state.unanswered == 0, let continuation = state.continuation.take() else { return nil }
            return (continuation, state.answers.compactMap(\.self))
        }
        guard let (continuation, answers) = whole else { return }
        continuation.resume(with: Result { try Self.join(answers) })
    }

    /// Fails the request; what comes later is passed over.
    func fail(_ error: any Error) {
        self.state.withLock { $0.continuation.take() }?.resume(throwing: error)
    }

    private static func join(_ answers: [[Tensor]]) throws -> [Tensor] {
        guard answers.count > 1, let first = answers.first else { return answers.first ?? [] }
        return try first.indices.map { index in try Tensor(joiningRows: answers.map { $0[index] }) }
    }
}
