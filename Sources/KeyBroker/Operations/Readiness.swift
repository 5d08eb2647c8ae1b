// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether a broker takes requests: once all its doors are open, while it can record what it decides, and until it begins to end.
public final class Readiness: Sendable {
    private struct State {
        var waiting: Set<String>
        var isDraining = false
    }

    private let state: Mutex<State>
    private let journal: DecisionJournal?

    /// Waits for doors of these names.
    ///
    /// `journal`: where decisions are recorded.
    public init(doors: Set<String>, journal: DecisionJournal? = nil) {
        self.state = Mutex(State(waiting: doors))
        self.journal = journal
    }

    /// A door is open.
    public func open(_ door: String) { self.state.withLock { _ = $0.waiting.remove(door) } }

    /// The broker begins to end; it finishes what it has.
    public func drain() { self.state.withLock { $0.isDraining = true } }

    /// Why it does not take requests; `nil` if it does.
    public func findObstacle() async -> String? {
        if let obstacle = self.doorObstacle { return obstacle }
        return await self.journal?.findObstacle().map { "decisions cannot be recorded, and nothing is released: \($0)" }
    }

    private var doorObstacle: String? {
        self.state.withLock { state in
            if state.isDraining { return "draining" }
            return state.waiting.isEmpty ? nil : "not open yet: \(state.waiting.sorted().joined(separator: ", "))"
        }
    }
}
