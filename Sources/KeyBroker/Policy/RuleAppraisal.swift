// SPDX-License-Identifier: Apache-2.0

public import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What one rule of a policy says about evidence.
public struct RuleAppraisal: Hashable, Sendable {
    /// How logs name the rule.
    public let rule: String
    /// Name of the secret that it releases.
    public let secret: String
    /// Whether it accepts the evidence, and why.
    public let outcome: AppraisalOutcome
}

extension Policy {
    /// Judges evidence by every rule, in the file's order, as far as the evidence itself goes.
    ///
    /// No secret is touched, and how the evidence came to be known to be fresh is not judged.
    public func appraise(_ evidence: VerifiedQuote, at time: Date) -> [RuleAppraisal] {
        self.rules.compactMap { rule in
            self.secret(named: rule.secret).map { secret in
                let policy = rule.appraisalPolicy(for: secret, simulatedEvidence: .allowed)
                return RuleAppraisal(rule: rule.name, secret: rule.secret, outcome: policy.appraise(evidence, at: time))
            }
        }
    }
}
