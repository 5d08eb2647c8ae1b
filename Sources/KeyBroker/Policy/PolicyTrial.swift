// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import SecretProvisioning

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a policy would say to a quote: verification once, then every rule on its own.
///
/// No secret is touched.
public struct PolicyTrial: Hashable, Sendable, Codable {
    /// What one rule says.
    public struct RuleResult: Hashable, Sendable, Codable {
        /// The rule, such as `rules[0]`.
        public let rule: String
        /// The secret that it releases.
        public let secret: String
        /// Whether it would.
        public let releases: Bool
        /// Waivers without which it would not.
        public let waivers: [Waiver]
        /// Its checks.
        public let report: VerificationReport
    }

    /// What holds whatever the policy says.
    public let verification: VerificationReport
    /// The rules in the file's order; empty when verification failed.
    public let rules: [RuleResult]

    /// The rule that would decide: the first that releases.
    public var decisive: RuleResult? { self.rules.first { $0.releases } }

    /// Tries a quote.
    ///
    /// * `door`: over HTTPS evidence is fresh, over Gramine's protocol it is not.
    /// * `model`: the model that the secret would be asked for.
    /// * `simulatedEvidence`: whether evidence of a software TEE counts for secrets that are not marked `production`.
    public init(
        _ policy: Policy, encodedQuote: [UInt8], collateral: Collateral, roots: [RootOfTrust], door: Decision.Door,
        model: ModelDigest? = nil, simulatedEvidence: AppraisalPolicy.SimulatedEvidence = .refused, at time: Date
    ) {
        let outcome = QuoteVerifier(roots: roots).verify(encodedQuote: encodedQuote, collateral: collateral, at: time)
        self.verification = outcome.report
        guard let quote = outcome.verifiedQuote else {
            self.rules = []
            return
        }
        self.rules = policy.rules.map { rule in
            let trial = RuleTrial(rule, policy: policy, .init(door: door, model: model), simulatedEvidence: simulatedEvidence)
                .appraise(quote, at: time)
            return RuleResult(
                rule: rule.name, secret: rule.secret, releases: trial.result != nil, waivers: trial.result?.usedWaivers ?? [], report: trial.report)
        }
    }

    /// Everything, a line a check.
    public var text: String {
        var lines = [self.verification.text]
        for result in self.rules {
            lines.append("\(result.rule), secret `\(result.secret)`: \(result.releases ? "releases" : "refuses")")
            lines.append(result.report.text)
        }
        lines.append(self.decisive.map { "\($0.rule) would release `\($0.secret)`" } ?? "nothing would be released")
        return lines.joined(separator: "\n")
    }
}
