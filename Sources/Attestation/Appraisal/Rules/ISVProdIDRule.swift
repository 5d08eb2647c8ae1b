// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// ISVPRODID is one of those the policy names.
enum ISVProdIDRule: EnclaveRule {
    static let id = Check.ID.appraisalISVProdID

    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let found = report.isvProdID
        guard case .anyOf(let accepted) = policy.sgx.isvProdID else {
            // Not by itself a fault: `appraisal.identity-given` judges what the policy has to name.
            return RuleVerdict(.holds, expected: "not given in the policy", found: "\(found)", source: "quote, ISVPRODID")
        }
        return RuleVerdict(
            accepted.contains(found),
            expected: accepted.isEmpty ? "nothing: the policy's list is empty" : accepted.map(String.init).joined(separator: " or "),
            found: "\(found)", source: "quote, ISVPRODID",
            remedy: "compare `sgx.isvprodid` in the Gramine manifest with isv_prod_id in the policy",
            waiver: policy.waiver(.anyMeasurement, at: time))
    }
}

extension Check.ID {
    /// ISVPRODID is one of those the policy names.
    public static let appraisalISVProdID = Check.ID("appraisal.isv-prod-id")
}
