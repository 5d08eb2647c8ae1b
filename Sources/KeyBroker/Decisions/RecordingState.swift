// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import SecretProvisioning
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whether decisions could be recorded lately.
final class RecordingState: Sendable {
    /// Decisions that are recorded together, with the challenge that they answer.
    struct Attempt: Sendable {
        let decisions: [Decision]
        let challenge: Challenge?

        /// Whether it writes to every table that another one writes to: a refusal of a stranger has no evidence, the first door no challenge.
        func covers(_ other: Attempt) -> Bool {
            (self.hasEvidence || !other.hasEvidence) && (self.challenge != nil || other.challenge == nil)
        }

        /// A decision that nobody made.
        static var standIn: Attempt {
            let decision = Decision(
                time: Date(timeIntervalSince1970: 0), door: .challenge, peer: "", verdict: .refused, asked: [], root: nil, evidenceSHA256: nil,
                policySHA256: nil, report: VerificationReport(checks: []),
                evidence: RecordedEvidence(quote: [], collateral: EncodedCollateral(.none)))
            let nonce = [UInt8](repeating: 1, count: ReleaseBinding.nonceSize)
            return Attempt(decisions: [decision], challenge: Challenge(nonce: nonce, expiration: .max, answeredAt: 0))
        }

        private var hasEvidence: Bool { self.decisions.contains { $0.evidence != nil } }
    }

    /// An attempt that failed.
    struct Failure: Sendable {
        let attempt: Attempt
        /// Why, for people.
        let reason: String
    }

    private struct State {
        var failure: Failure?
        /// Failures so far.
        var count = 0
    }

    /// Whether one that needs everything has been tried, if only to take it back.
    private let isTried = Mutex(false)
    private let state = Mutex(State())

    /// What could not be recorded; `nil` if all could, as far as is known.
    var failure: Failure? { self.state.withLock { $0.failure } }

    /// Number of failures so far.
    var failureCount: Int { self.state.withLock { $0.count } }

    /// What is to be tried now: what failed, or at first one that needs everything; `nil` if nothing is in doubt.
    var attempt: Attempt? { self.failure?.attempt ?? (self.isTried.withLock { $0 } ? nil : .standIn) }

    /// What was to be tried went well.
    func noteTrial() { self.isTried.withLock { $0 = true } }

    func noteFailure(_ attempt: Attempt, _ error: any Error) {
        let reason = (error as? any DiagnosableError)?.message ?? "\(error)"
        self.state.withLock { state in
            state.count += 1
            // Of two that failed the one that needs more is tried again.
            if let before = state.failure, !attempt.covers(before.attempt) { return }
            state.failure = Failure(attempt: attempt, reason: reason)
        }
    }

    /// Notes that an attempt went well which began when so many had failed.
    ///
    /// - Returns: whether one that needed no more had failed before, and none has since: of a newer failure an older attempt says nothing.
    func noteSuccess(_ attempt: Attempt, begunAfter failureCount: Int) -> Bool {
        self.state.withLock { state in
            guard let failed = state.failure?.attempt, state.count == failureCount, attempt.covers(failed) else { return false }
            state.failure = nil
            return true
        }
    }
}
