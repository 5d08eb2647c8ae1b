// SPDX-License-Identifier: Apache-2.0

/// How often and when a request that failed for a passing reason is made again.
///
/// Waiting times double from attempt to attempt. A service that says how long it wants to be left alone (`Retry-After`) is obeyed; when that is
/// longer than anybody should wait here, it is not asked again.
public struct RetryPolicy: Hashable, Sendable {
    /// Number of attempts in all.
    public var attempts = 3
    /// Waiting time before the second attempt.
    public var firstDelay: Duration = .milliseconds(500)
    /// The longest that is waited before an attempt.
    public var longestDelay: Duration = .seconds(10)

    /// The defaults: three attempts, within less than two seconds unless the service says otherwise.
    public init() {}

    /// Statuses that may be others in a moment.
    private static let passingStatuses = [408, 425, 429, 500, 502, 503, 504]

    /// How long to wait after attempt number `attempt`, counted from 1; `nil` to make no other.
    func delay(after attempt: Int, serviceWish: Duration? = nil) -> Duration? {
        guard attempt < self.attempts else { return nil }
        var delay = min(self.firstDelay, self.longestDelay)
        for _ in 1..<attempt { delay = min(delay * 2, self.longestDelay) }
        guard let serviceWish else { return delay }
        return serviceWish <= self.longestDelay ? max(delay, serviceWish) : nil
    }

    /// How long to wait after a response; `nil` if it is final.
    func delay(after attempt: Int, _ response: CollateralResponse) -> Duration? {
        guard Self.passingStatuses.contains(response.status) else { return nil }
        return self.delay(after: attempt, serviceWish: response.retryAfter)
    }
}

extension CollateralResponse {
    /// How long the service wants to be left alone, where it says so in seconds (RFC 9110 section 10.2.3).
    ///
    /// The form with a date needs a clock that agrees with the service's, and is not used by collateral services.
    var retryAfter: Duration? {
        guard let text = self.headers["retry-after"], let seconds = UInt32(text) else { return nil }
        return .seconds(Int64(seconds))
    }
}
