// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether a broker takes requests: once all its doors are open, and until it begins to end.
public final class Readiness: Sendable {
    private struct State {
        var waiting: Set<String>
        var isDraining = false
    }

    private let state: Mutex<State>

    /// Waits for doors of these names.
    public init(doors: Set<String>) { self.state = Mutex(State(waiting: doors)) }

    /// A door is open.
    public func open(_ door: String) { self.state.withLock { _ = $0.waiting.remove(door) } }

    /// The broker begins to end; it finishes what it has.
    public func drain() { self.state.withLock { $0.isDraining = true } }

    /// Why it does not take requests; `nil` if it does.
    public var obstacle: String? {
        self.state.withLock { state in
            if state.isDraining { return "draining" }
            return state.waiting.isEmpty ? nil : "not open yet: \(state.waiting.sorted().joined(separator: ", "))"
        }
    }
}
