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

    /// Whether one that needs everything has been tried, if only to take it back.
    private let isTried = Mutex(false)
    private let state = Mutex<Failure?>(nil)

    /// What could not be recorded; `nil` if all could, as far as is known.
    var failure: Failure? { self.state.withLock { $0 } }

    /// What is to be tried now: what failed, or at first one that needs everything; `nil` if nothing is in doubt.
    var attempt: Attempt? { self.failure?.attempt ?? (self.isTried.withLock { $0 } ? nil : .standIn) }

    /// What was to be tried went well.
    func noteTrial() { self.isTried.withLock { $0 = true } }

    func noteFailure(_ attempt: Attempt, _ error: any Error) {
        let reason = (error as? any DiagnosableError)?.message ?? "\(error)"
        self.state.withLock { state in
            // Of two that failed the one that needs more is tried again.
            let before = state.map(\.attempt)
            state = Failure(attempt: before.map { attempt.covers($0) ? attempt : $0 } ?? attempt, reason: reason)
        }
    }

    /// - Returns: whether one that needed no more had failed before.
    func noteSuccess(_ attempt: Attempt) -> Bool {
        self.state.withLock { state in
            guard let failed = state?.attempt, attempt.covers(failed) else { return false }
            state = nil
            return true
        }
    }
}
