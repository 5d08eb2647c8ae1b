// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Bounds how many refusals of peers that proved nothing are recorded.
///
/// Anybody who reaches the port can be refused as often as they like; recording each at length would let them fill the disk. Decisions
/// about verified enclaves are always recorded.
final class RefusalThrottle: Sendable {
    /// Recorded at once, after a quiet time.
    static let burst = 60
    /// Recorded each second in the long run.
    static let rate = 1.0

    private struct State {
        var allowance = Double(RefusalThrottle.burst)
        var last: ContinuousClock.Instant
        var omitted = 0
    }

    private let state: Mutex<State>

    init(now: ContinuousClock.Instant = .now) { self.state = Mutex(State(last: now)) }

    /// Whether to record one more refusal.
    ///
    /// - Returns: how many were omitted since the last one that was recorded; `nil` when this one is to be omitted too.
    func admit(now: ContinuousClock.Instant = .now) -> Int? {
        self.state.withLock { state in
            let earned = (now - state.last) / .seconds(1) * Self.rate
            state.allowance = min(Double(Self.burst), state.allowance + max(0, earned))
            state.last = max(now, state.last)
            guard state.allowance >= 1 else {
                state.omitted += 1
                return nil
            }
            state.allowance -= 1
            defer { state.omitted = 0 }
            return state.omitted
        }
    }
}
