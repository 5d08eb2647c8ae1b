// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What is to be done when the server is asked to read its files again.
final class ReloadHook: Sendable {
    private struct State {
        var actions: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Adds something that is done at each reload from now on.
    func add(_ action: @escaping @Sendable () -> Void) { self.state.withLock { $0.actions.append(action) } }

    func reload() {
        for action in self.state.withLock({ $0.actions }) { action() }
    }
}
