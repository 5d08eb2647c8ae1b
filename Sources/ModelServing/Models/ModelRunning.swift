// SPDX-License-Identifier: Apache-2.0

package import TensorFlowRuntime

/// What a session is asked to compute.
package struct RunRequest: Sendable {
    /// The session's tensor names with the tensors fed to them.
    package let feeds: [(name: String, tensor: Tensor)]
    /// The session's names of the tensors to compute.
    package let fetches: [String]
    /// When nobody waits for the answer any more; `nil` for never.
    package let deadline: ContinuousClock.Instant?
    /// Called when the session begins with it, and it waits no longer.
    package let whenBegun: (@Sendable () -> Void)?

    package init(
        feeds: [(name: String, tensor: Tensor)], fetches: [String], deadline: ContinuousClock.Instant?, whenBegun: (@Sendable () -> Void)? = nil
    ) {
        self.feeds = feeds
        self.fetches = fetches
        self.deadline = deadline
        self.whenBegun = whenBegun
    }
}

/// What computes: a session, or a queue of batches before one.
package protocol ModelRunning: Sendable {
    /// Computes the fetched tensors.
    func run(_ request: RunRequest) async throws -> [Tensor]
    /// Frees what it takes up once nothing runs any more.
    func close() async
}

extension Session: ModelRunning {
    package func run(_ request: RunRequest) async throws -> [Tensor] {
        try await self.run(feeds: request.feeds, fetches: request.fetches, deadline: request.deadline, whenBegun: request.whenBegun)
    }
}
