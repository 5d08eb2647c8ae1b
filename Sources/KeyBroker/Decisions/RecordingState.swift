// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether decisions could be recorded lately.
final class RecordingState: Sendable {
    private let state = Mutex<String?>(nil)

    /// Why the last decision could not be recorded; `nil` if it could.
    var failure: String? { self.state.withLock { $0 } }

    func noteFailure(_ error: any Error) {
        let message = (error as? KeyBrokerError)?.message ?? "\(error)"
        self.state.withLock { $0 = message }
    }

    /// - Returns: whether the one before had failed.
    func noteSuccess() -> Bool {
        self.state.withLock { state in
            defer { state = nil }
            return state != nil
        }
    }
}
