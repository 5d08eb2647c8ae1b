// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import RATLS

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Decides which secret an enclave gets: verification, then the policy's rules in their order.
public struct Releaser: Sendable {
    /// A decision in the making: what is known before the client has asked.
    public enum Outcome: Sendable {
        /// An enclave that gets this secret if it asks for it.
        case granted(StoredSecret, ReleaseRule, AttestationResult, VerificationReport)
        /// One that gets nothing.
        case refused(VerificationReport, nearest: ReleaseRule?, VerifiedQuote?)
    }

    private let policy: Policy
    private let secrets: SecretStore
    private let verifier: PeerVerifier
    private let simulatedEvidence: AppraisalPolicy.SimulatedEvidence

    /// Makes a releaser.
    ///
    /// `simulatedEvidence`: whether evidence of a software TEE counts for secrets that are not marked `production`.
    public init(policy: Policy, secrets: SecretStore, verifier: PeerVerifier, simulatedEvidence: AppraisalPolicy.SimulatedEvidence = .refused) {
        self.policy = policy
        self.secrets = secrets
        self.verifier = verifier
        self.simulatedEvidence = simulatedEvidence
    }

    /// Judges the certificate that a client showed on a door without challenge.
    public func judge(certificateDER: [UInt8], at time: Date) async throws(CancellationError) -> Outcome {
        switch try await self.verifier.verify(certificateDER: certificateDER, at: time) {
        case .refused(let report): .refused(report, nearest: nil, nil)
        case .verified(let quote, let report): self.appraise(quote, verification: report, at: time)
        }
    }

    /// Tries the rules in the file's order; the first that matches decides.
    private func appraise(_ quote: VerifiedQuote, verification: VerificationReport, at time: Date) -> Outcome {
        var nearest: (rule: ReleaseRule, report: VerificationReport, failures: Int)?
        for rule in self.policy.rules {
            let trial = self.trial(of: rule, quote, at: time)
            if let result = trial.result, let secret = trial.secret { return .granted(secret, rule, result, verification.appending(trial.report)) }
            let failures = trial.report.checks.count { $0.outcome == .failed }
            if nearest.map({ failures < $0.failures }) ?? true { nearest = (rule, trial.report, failures) }
        }
        guard let nearest else { return .refused(verification.appending(Self.noRules), nearest: nil, quote) }
        return .refused(verification.appending(nearest.report), nearest: nearest.rule, quote)
    }

    private func trial(of rule: ReleaseRule, _ quote: VerifiedQuote, at time: Date) -> (
        result: AttestationResult?, secret: StoredSecret?, report: VerificationReport
    ) {
        var recorder = ReportRecorder(plan: [.secretAvailable])
        guard let secret = self.policy.secret(named: rule.secret) else { return (nil, nil, recorder.report()) }
        let appraisal = rule.appraisalPolicy(for: secret, simulatedEvidence: self.simulatedEvidence).appraise(quote, at: time)
        let judged = Self.freshness(of: rule).appending(appraisal.report)
        guard judged.allPassed, let result = appraisal.result else { return (nil, nil, judged) }
        guard let stored = self.secrets.release(secret, to: result) else {
            recorder.fail(
                .secretAvailable, expected: "a secret that this evidence may open", found: "`\(secret.name)` stays closed", source: "secret store",
                remedy: "a secret marked `production` needs evidence of real hardware")
            return (nil, nil, judged.appending(recorder.report()))
        }
        recorder.pass(.secretAvailable, found: "`\(secret.name)`", source: "secret store")
        return (result, stored, judged.appending(recorder.report()))
    }

    private static func freshness(of rule: ReleaseRule) -> VerificationReport {
        var recorder = ReportRecorder(plan: [.ruleFreshness])
        if rule.freshness == .tlsOnly {
            recorder.pass(.ruleFreshness, found: rule.freshness.rawValue, source: rule.name)
        } else {
            recorder.fail(
                .ruleFreshness, expected: ReleaseRule.Freshness.tlsOnly.rawValue, found: rule.freshness.rawValue, source: rule.name,
                remedy: "Gramine's protocol has no challenge; if that is acceptable for this secret, write `freshness: tls-only` into the rule")
        }
        return recorder.report()
    }

    private static var noRules: VerificationReport {
        var recorder = ReportRecorder(plan: [.secretAvailable])
        recorder.fail(.secretAvailable, expected: "a rule", found: "a policy without rules", source: "policy", remedy: "write a rule for the secret")
        return recorder.report()
    }
}
