// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts the connections that are open, and says when there are enough.
///
/// Each takes a file descriptor and memory for TLS, whether it says anything or not.
final class ConnectionLimit: Sendable {
    private let limit: Int
    private let open = Atomic(0)

    init(_ limit: Int) { self.limit = limit }

    /// Takes a place; `false` when there is none, and then nothing was taken.
    func enter() -> Bool {
        guard self.open.add(1, ordering: .relaxed).newValue <= self.limit else {
            self.leave()
            return false
        }
        return true
    }

    /// Gives a place back.
    func leave() { self.open.subtract(1, ordering: .relaxed) }
}
