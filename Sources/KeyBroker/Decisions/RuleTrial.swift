// SPDX-License-Identifier: Apache-2.0

import Attestation
import SecretProvisioning

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What one rule says about verified evidence; no secret is touched.
struct RuleTrial {
    /// How an enclave came to ask, as far as rules look at it.
    struct Approach {
        let door: Decision.Door
        /// The model that the secret is asked for.
        let model: ModelDigest?

        /// Gramine's protocol, in which no model can be named.
        static let raTLS = Approach(door: .raTLS, model: nil)
        static func challenge(model: ModelDigest?) -> Approach { Approach(door: .challenge, model: model) }
    }

    private let rule: ReleaseRule
    private let policy: Policy
    private let approach: Approach
    private let simulatedEvidence: AppraisalPolicy.SimulatedEvidence

    init(_ rule: ReleaseRule, policy: Policy, _ approach: Approach, simulatedEvidence: AppraisalPolicy.SimulatedEvidence) {
        self.rule = rule
        self.policy = policy
        self.approach = approach
        self.simulatedEvidence = simulatedEvidence
    }

    /// Every check is made; the result is there only if all passed.
    func appraise(_ quote: VerifiedQuote, at time: Date) -> (result: AttestationResult?, report: VerificationReport) {
        guard let secret = self.policy.secret(named: self.rule.secret) else { return (nil, Self.noRules(for: self.rule.secret)) }
        let appraisal = self.rule.appraisalPolicy(for: secret, simulatedEvidence: self.simulatedEvidence).appraise(quote, at: time)
        let report = self.freshness.appending(appraisal.report).appending(self.model)
        return (report.allPassed ? appraisal.result : nil, report)
    }

    private var freshness: VerificationReport {
        var recorder = ReportRecorder(plan: [.ruleFreshness])
        if self.approach.door == .challenge {
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

    /// Whether the secret is released for this model; no check where the rule is for any.
    private var model: VerificationReport {
        guard case .anyOf(let accepted) = self.rule.models else { return VerificationReport(checks: []) }
        var recorder = ReportRecorder(plan: [.ruleModel])
        let found = self.approach.model?.hexString ?? "none named"
        if let model = self.approach.model, accepted.contains(model) {
            recorder.pass(.ruleModel, found: found, source: self.rule.name)
        } else {
            recorder.fail(
                .ruleModel, expected: accepted.map(\.hexString).joined(separator: " or "), found: found, source: self.rule.name,
                remedy: self.approach.door == .raTLS
                    ? "Gramine's protocol cannot name a model: have the server ask over HTTPS, or take `model` out of the rule"
                    : "serve the model that was sealed for this policy; if this one is newer, add its manifest's digest (sealwright verify) to `model`"
            )
        }
        return recorder.report()
    }

    /// The report where no rule could be tried; `name`: the secret that was asked for, if one was named.
    static func noRules(for name: String?) -> VerificationReport {
        var recorder = ReportRecorder(plan: [.secretAvailable])
        recorder.fail(
            .secretAvailable, expected: "a rule", found: name.map { "no rule for `\($0)`" } ?? "no rule at all", source: "policy",
            remedy: "write a rule for the secret, or have the peer ask for one that the policy names")
        return recorder.report()
    }
}
