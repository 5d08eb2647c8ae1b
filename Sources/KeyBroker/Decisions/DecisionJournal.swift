// SPDX-License-Identifier: Apache-2.0

import Attestation
public import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Records decisions everywhere before they take effect.
///
/// What cannot be recorded is not released. Refusals of peers that proved nothing are recorded up to a rate, for anybody can make them.
public struct DecisionJournal: Sendable {
    private let audit: AuditLog?
    private let logs: [any DecisionLog]
    private let logger: Logger
    let metrics: BrokerMetrics
    private let throttle = RefusalThrottle()
    private let state = RecordingState()

    /// Gathers the places.
    ///
    /// * `audit`: the store's log, where there is a store; it also knows which challenges were used.
    /// * `logs`: others, after it: what they have, it has.
    public init(audit: AuditLog? = nil, logs: [any DecisionLog], logger: Logger, metrics: BrokerMetrics = BrokerMetrics()) {
        self.audit = audit
        self.logs = logs
        self.logger = logger
        self.metrics = metrics
    }

    /// Whether releases over HTTPS can be recorded: their challenges are remembered by a store.
    var remembersChallenges: Bool { self.audit != nil }

    /// Records a decision.
    func record(_ decision: Decision) async throws {
        if self.admits(decision) {
            try await self.recording(.init(decisions: [decision], challenge: nil)) {
                try await self.audit?.append(decision)
                for log in self.logs { try await log.append(decision) }
            }
        }
        // What could not be recorded has not taken effect.
        self.metrics.note(decision)
    }

    /// Records decisions that answer a challenge, together with its use.
    ///
    /// - Returns: `false` when the challenge had been used before; then nothing is recorded.
    func record(_ decisions: [Decision], using challenge: Challenge) async throws -> Bool {
        guard let audit = self.audit, !decisions.isEmpty else { return false }
        var isFirstUse = false
        try await self.recording(.init(decisions: decisions, challenge: challenge)) {
            isFirstUse = try await audit.append(decisions, using: challenge)
            guard isFirstUse else { return }
            for decision in decisions { for log in self.logs { try await log.append(decision) } }
        }
        if isFirstUse { for decision in decisions { self.metrics.note(decision) } }
        return isFirstUse
    }

    /// Why decisions cannot be recorded, so that nothing is released; `nil` if they can, as far as is known.
    ///
    /// At first, and after a failure, this tries: a broker that is not asked, because it is not ready, would never find out.
    public func findObstacle() async -> String? {
        let failureCount = self.state.failureCount
        guard let attempt = self.state.attempt else { return nil }
        do {
            try await self.audit?.rehearse(attempt.decisions, using: attempt.challenge)
            if self.state.failure != nil { for log in self.logs { try await log.probe() } }
            self.state.noteTrial()
            // Of several that look at once, one puts it on record.
            if self.state.noteSuccess(attempt, begunAfter: failureCount) {
                try await self.audit?.append(AuditEvent("recording-resumed", at: Date()))
                self.logger.notice("decisions can be recorded again")
            }
        } catch {
            self.state.noteFailure(attempt, error)
        }
        return self.state.failure?.reason
    }

    private func admits(_ decision: Decision) -> Bool {
        guard decision.verdict == .refused, !decision.isAboutVerifiedPeer else { return true }
        guard let omitted = self.throttle.admit() else { return false }
        if omitted > 0 {
            self.logger.warning("refusals of peers that proved nothing came too fast and were not recorded", metadata: ["count": "\(omitted)"])
        }
        return true
    }

    private func recording(_ attempt: RecordingState.Attempt, _ body: () async throws -> Void) async throws {
        let failureCount = self.state.failureCount
        do {
            try await body()
            if self.state.noteSuccess(attempt, begunAfter: failureCount) { self.logger.notice("decisions can be recorded again") }
        } catch {
            self.state.noteFailure(attempt, error)
            let peer = attempt.decisions.first.map { $0.peer } ?? ""
            self.logger.critical(
                "a decision could not be recorded, nothing is released", metadata: Logger.metadata(of: error).merging(["peer": "\(peer)"]) { $1 })
            throw error
        }
    }
}
