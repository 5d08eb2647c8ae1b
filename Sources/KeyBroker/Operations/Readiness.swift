// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether a broker takes requests: once all its doors are open and what it waits for has come about, while it can record what it decides, and until it begins to end.
public final class Readiness: Sendable {
    private struct State {
        var waiting: Set<String>
        /// What else has to come about first, and why it has not.
        var conditions: [String: String] = [:]
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

    /// Something else has to come about first; `reason`: what is missing.
    func wait(for condition: String, because reason: String) { self.state.withLock { $0.conditions[condition] = reason } }

    /// Says more about a condition that is still waited for.
    func explain(_ condition: String, _ reason: String) {
        self.state.withLock { if $0.conditions[condition] != nil { $0.conditions[condition] = reason } }
    }

    /// The condition has come about.
    func settle(_ condition: String) { self.state.withLock { $0.conditions[condition] = nil } }

    /// The broker begins to end; it finishes what it has.
    public func drain() { self.state.withLock { $0.isDraining = true } }

    /// Whether the broker has begun to end.
    public var isDraining: Bool { self.state.withLock { $0.isDraining } }

    /// Why it does not take requests; `nil` if it does.
    public func findObstacle() async -> String? {
        if let obstacle = self.doorObstacle { return obstacle }
        return await self.journal?.findObstacle().map { "decisions cannot be recorded, and nothing is released: \($0)" }
    }

    private var doorObstacle: String? {
        self.state.withLock { state in
            if state.isDraining { return "draining" }
            guard state.waiting.isEmpty else { return "not open yet: \(state.waiting.sorted().joined(separator: ", "))" }
            return state.conditions.min { $0.key < $1.key }?.value
        }
    }
}
