// SPDX-License-Identifier: Apache-2.0

package import GRPCCore

/// When the client stops waiting for the request that this task answers.
///
/// TensorFlow Serving gives the time that is left to the session's run, so that an answer that nobody waits for is not computed to its end.
package enum RequestDeadline {
    /// `nil` when the client waits as long as it takes, and outside of a call's handler: its answer's stream is written when that is over.
    @TaskLocal static var current: ContinuousClock.Instant?

    /// The time that is left, 0 when it is over; `nil` when the client waits as long as it takes.
    package static var timeLeft: Duration? { self.current.map { max(.zero, $0 - .now) } }

    /// Sets the deadline from a request's `grpc-timeout` for as long as it is answered.
    package struct Interceptor: ServerInterceptor {
        package init() {}

        package func intercept<Input: Sendable, Output: Sendable>(
            request: StreamingServerRequest<Input>, context: ServerContext,
            next: @concurrent @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
        ) async throws -> StreamingServerResponse<Output> {
            let timeout = request.metadata[stringValues: "grpc-timeout"].first { _ in true }.flatMap(RequestDeadline.duration)
            return try await $current.withValue(timeout.map { .now + $0 }) { try await next(request, context) }
        }
    }

    /// Reads gRPC's form of a timeout: at most eight digits and a unit.
    ///
    /// - Returns: `nil` for anything else, which gRPC's own deadline does not heed either.
    package static func duration(_ text: String) -> Duration? {
        guard let unit = text.last, (2...9).contains(text.utf8.count), text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }),
            let amount = Int64(text.dropLast())
        else { return nil }
        switch unit {
        case "H": return .seconds(amount * 3600)
        case "M": return .seconds(amount * 60)
        case "S": return .seconds(amount)
        case "m": return .milliseconds(amount)
        case "u": return .microseconds(amount)
        case "n": return .nanoseconds(amount)
        default: return nil
        }
    }
}
