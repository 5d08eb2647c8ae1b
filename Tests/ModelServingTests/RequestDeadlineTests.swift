// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import ModelServing
import Testing

@Suite("A request's deadline")
struct RequestDeadlineTests {
    @Test(
        "gRPC's form of a timeout is read",
        arguments: [
            ("1H", .seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)), ("5u", .microseconds(5)),
            ("99999999n", .nanoseconds(99_999_999)), ("0S", .zero), ("99999999H", .seconds(99_999_999 * 3600)),
            ("", nil), ("S", nil), ("1", nil), ("1s", nil), ("-1S", nil), ("+1S", nil), ("1.5S", nil), ("999999999S", nil), ("1 S", nil),
            ("\u{661}S", nil),
        ] as [(String, Duration?)])
    func timeouts(text: String, duration: Duration?) {
        #expect(RequestDeadline.duration(text) == duration)
    }

    /// What is left of the time while a request with this metadata is answered.
    private static func timeLeft(_ metadata: Metadata) async throws -> Duration? {
        try await withServerContextRPCCancellationHandle { cancellation in
            let context = ServerContext(
                descriptor: MethodDescriptor(fullyQualifiedService: "test", method: "test"), remotePeer: "", localPeer: "", cancellation: cancellation
            )
            let request = StreamingServerRequest(
                metadata: metadata, messages: RPCAsyncSequence<Int, any Error>(wrapping: AsyncThrowingStream { $0.finish() }))
            let (times, continuation) = AsyncStream<Duration?>.makeStream()
            let _: StreamingServerResponse<Int> = try await RequestDeadline.Interceptor().intercept(request: request, context: context) { _, _ in
                continuation.yield(RequestDeadline.timeLeft)
                continuation.finish()
                return StreamingServerResponse { _ in [:] }
            }
            for await time in times { return time }
            return nil
        }
    }

    @Test("the time that the client waits is known while its request is answered, and nothing is known outside")
    func interceptor() async throws {
        let left = try #require(try await Self.timeLeft(["grpc-timeout": "1H"]))
        #expect(left <= .seconds(3600) && left > .seconds(3000))
        #expect(try await Self.timeLeft(["grpc-timeout": "0S"]) == .zero)
        #expect(try await Self.timeLeft([:]) == nil)
        #expect(RequestDeadline.timeLeft == nil)
    }
}
