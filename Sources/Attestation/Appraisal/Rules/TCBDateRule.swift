// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The platform's TCB level is not older than the policy's minimum.
enum TCBDateRule: AppraisalRule {
    static let id = Check.ID.appraisalTCBDate

    static func judge(_ evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let minimum = policy.tcb.minimumTCBDate
        return RuleVerdict(
            evidence.tcbDate >= minimum, expected: minimum == .distantPast ? "no minimum in the policy" : "\(minimum.reportText) or later",
            found: evidence.tcbDate.reportText, source: "TCB info, tcbDate",
            remedy: "update the BIOS and the SGX platform software of the host", waiver: policy.waiver(.outOfDateTCB, at: time))
    }
}

extension Check.ID {
    /// The platform's TCB level is not older than the policy's minimum.
    public static let appraisalTCBDate = Check.ID("appraisal.tcb-date")
}
