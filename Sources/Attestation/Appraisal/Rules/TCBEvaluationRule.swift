// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The collateral is not of an older TCB evaluation than the policy's minimum.
enum TCBEvaluationRule: AppraisalRule {
    static let id = Check.ID.appraisalTCBEvaluation

    static func judge(_ evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let minimum = policy.tcb.minimumTCBEvaluationDataNumber
        return RuleVerdict(
            evidence.tcbEvaluationDataNumber >= minimum, expected: "at least \(minimum)", found: "\(evidence.tcbEvaluationDataNumber)",
            source: "TCB info and QE identity, tcbEvaluationDataNumber", remedy: "let the collateral service fetch current collateral from Intel")
    }
}

extension Check.ID {
    /// The collateral is not of an older TCB evaluation than the policy's minimum.
    public static let appraisalTCBEvaluation = Check.ID("appraisal.tcb-evaluation-data-number")
}
