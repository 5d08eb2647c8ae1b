// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// When a run was asked for, and when the session began with it.
final class RunTimes: Sendable {
    let start = ContinuousClock.now
    private let begin = Mutex<ContinuousClock.Instant?>(nil)

    /// `nil` for a run that went with others in a batch.
    var begun: ContinuousClock.Instant? { self.begin.withLock { $0 } }

    /// To be called when the session begins.
    func hasBegun() { self.begin.withLock { $0 = .now } }
}
