// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import Testing

@testable import ModelServing

@Suite("A call that waits for ever", .timeLimit(.minutes(1)))
struct CallTaskTests {
    /// Cancels a call that has this deadline, as gRPC does.
    private static func cancelled(deadline: ContinuousClock.Instant?) async throws {
        try await withServerContextRPCCancellationHandle { cancellation in
            let call = RequestDeadline.$current.withValue(deadline) { CallTask() }
            cancellation.cancel()
            try await call.run {
                for await _ in AsyncStream<Void>.makeStream().stream {}
                try Task.checkCancellation()
            }
        }
    }

    @Test("is told why it is cancelled: that its time is over, or that the server ends")
    func reasons() async {
        let isOver = RequestError(.deadlineExceeded, "the call's time is over")
        let serverEnds = RequestError(.unavailable, "the server is shutting down")
        await #expect(throws: isOver) { try await Self.cancelled(deadline: .now) }
        await #expect(throws: serverEnds) { try await Self.cancelled(deadline: .now + .seconds(3600)) }
        await #expect(throws: serverEnds) { try await Self.cancelled(deadline: nil) }
    }
}
