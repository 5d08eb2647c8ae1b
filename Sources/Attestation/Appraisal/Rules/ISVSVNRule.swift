// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// ISVSVN is not below the policy's minimum.
enum ISVSVNRule: EnclaveRule {
    static let id = Check.ID.appraisalISVSVN

    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let found = report.isvSVN
        return RuleVerdict(
            found >= policy.sgx.minimumISVSVN, expected: "at least \(policy.sgx.minimumISVSVN)", found: "\(found)", source: "quote, ISVSVN",
            remedy: "run a version of the enclave with `sgx.isvsvn` of at least \(policy.sgx.minimumISVSVN); older ones have known faults")
    }
}

extension Check.ID {
    /// ISVSVN is not below the policy's minimum.
    public static let appraisalISVSVN = Check.ID("appraisal.isv-svn")
}
