// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts the connections that are open, and says when there are enough.
///
/// Each takes a file descriptor and memory for TLS, whether it says anything or not. One address gets half of the places at most, so that
/// whoever holds connections open keeps no others out.
final class ConnectionLimit: Sendable {
    private struct State {
        var all = 0
        var byNetwork: [PeerNetwork: Int] = [:]
    }

    private let limit: Int
    private let limitOfOne: Int
    private let state = Mutex(State())

    init(_ limit: Int) {
        self.limit = limit
        self.limitOfOne = max(1, limit / 2)
    }

    /// Takes a place; `false` when there is none, and then nothing was taken.
    func enter(_ network: PeerNetwork) -> Bool {
        self.state.withLock { state in
            let ofOne = state.byNetwork[network, default: 0]
            guard state.all < self.limit, ofOne < self.limitOfOne else { return false }
            state.all += 1
            state.byNetwork[network] = ofOne + 1
            return true
        }
    }

    /// Gives a place back.
    func leave(_ network: PeerNetwork) {
        self.state.withLock { state in
            state.all -= 1
            let rest = state.byNetwork[network, default: 1] - 1
            state.byNetwork[network] = rest > 0 ? rest : nil
        }
    }
}
