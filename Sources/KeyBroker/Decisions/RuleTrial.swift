// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What one rule says about verified evidence; no secret is touched.
struct RuleTrial {
    private let rule: ReleaseRule
    private let policy: Policy
    private let door: Decision.Door
    private let simulatedEvidence: AppraisalPolicy.SimulatedEvidence

    init(_ rule: ReleaseRule, policy: Policy, door: Decision.Door, simulatedEvidence: AppraisalPolicy.SimulatedEvidence) {
        self.rule = rule
        self.policy = policy
        self.door = door
        self.simulatedEvidence = simulatedEvidence
    }

    /// Every check is made; the result is there only if all passed.
    func appraise(_ quote: VerifiedQuote, at time: Date) -> (result: AttestationResult?, report: VerificationReport) {
        guard let secret = self.policy.secret(named: self.rule.secret) else { return (nil, Self.noRules) }
        let appraisal = self.rule.appraisalPolicy(for: secret, simulatedEvidence: self.simulatedEvidence).appraise(quote, at: time)
        let report = self.freshness.appending(appraisal.report)
        return (report.allPassed ? appraisal.result : nil, report)
    }

    private var freshness: VerificationReport {
        var recorder = ReportRecorder(plan: [.ruleFreshness])
        if self.door == .challenge {
            recorder.pass(.ruleFreshness, found: "evidence that answers a challenge", source: self.rule.name)
        } else if self.rule.freshness == .tlsOnly {
            recorder.pass(.ruleFreshness, found: self.rule.freshness.rawValue, source: self.rule.name)
        } else {
            recorder.fail(
                .ruleFreshness, expected: ReleaseRule.Freshness.tlsOnly.rawValue, found: self.rule.freshness.rawValue, source: self.rule.name,
                remedy:
                    "Gramine's protocol has no challenge: ask over HTTPS, or if that is acceptable for this secret write `freshness: tls-only` into the rule"
            )
        }
        return recorder.report()
    }

    /// The report where no rule could be tried.
    static var noRules: VerificationReport {
        var recorder = ReportRecorder(plan: [.secretAvailable])
        recorder.fail(
            .secretAvailable, expected: "a rule", found: "no rule for what was asked for", source: "policy", remedy: "write a rule for the secret")
        return recorder.report()
    }
}
