// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import KeyBroker

/// What a policy file says about a verified quote: each rule, with its checks.
struct AppraisalSummary: Encodable {
    enum Verdict: String, Encodable {
        case accepted
        case refused
    }

    /// One rule of the policy.
    struct Rule: Encodable {
        let rule: String
        let secret: String
        let verdict: Verdict
        let usedWaivers: [Waiver]
        let checks: [Check]

        init(_ appraisal: RuleAppraisal) {
            self.rule = appraisal.rule
            self.secret = appraisal.secret
            self.verdict = appraisal.outcome.result == nil ? .refused : .accepted
            self.usedWaivers = appraisal.outcome.result?.usedWaivers ?? []
            self.checks = appraisal.outcome.report.checks
        }
    }

    /// Accepted if a rule accepts.
    let verdict: Verdict
    let policy: String
    let rules: [Rule]

    init(_ policy: Policy, of quote: VerifiedQuote, at time: Date) {
        self.policy = policy.file
        self.rules = policy.appraise(quote, at: time).map(Rule.init)
        self.verdict = self.rules.contains { $0.verdict == .accepted } ? .accepted : .refused
    }

    /// The first check that failed in the rule that comes nearest; `nil` if the policy accepts.
    ///
    /// A rule that does not say which enclave or trust domain it means is one about the other kind of TEE, and farther away than any other.
    var failure: Check? {
        guard self.verdict == .refused else { return nil }
        func distance(_ failures: [Check]) -> Int { failures.count + (failures.contains { $0.id == .appraisalIdentityGiven } ? 1000 : 0) }
        return self.rules.map { $0.checks.filter { $0.outcome == .failed } }.min { distance($0) < distance($1) }?.first
    }

    var text: String {
        let lines = self.rules.flatMap { rule in
            ["\(rule.rule) for the secret `\(rule.secret)`: \(rule.verdict.rawValue)"] + rule.checks.map { "  \($0)" }
        }
        return (lines + ["policy \(self.policy): \(self.verdict.rawValue)"]).joined(separator: "\n")
    }
}
