// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// MRSIGNER is one of those the policy names.
enum MRSignerRule: EnclaveRule {
    static let id = Check.ID.appraisalMRSigner

    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let found = report.mrSigner
        guard case .anyOf(let accepted) = policy.sgx.mrSigner else {
            // Not by itself a fault: `appraisal.identity-given` judges what the policy has to name.
            return RuleVerdict(.holds, expected: "not given in the policy", found: found.hexString, source: "quote, MRSIGNER")
        }
        return RuleVerdict(
            accepted.contains(found),
            expected: accepted.isEmpty ? "nothing: the policy's list is empty" : accepted.map(\.hexString).joined(separator: " or "),
            found: found.hexString, source: "quote, MRSIGNER",
            remedy: "if this enclave is meant to be trusted, add its value to mr_signer in the policy; else find out who started it",
            waiver: policy.waiver(.anyMeasurement, at: time))
    }
}

extension Check.ID {
    /// MRSIGNER is one of those the policy names.
    public static let appraisalMRSigner = Check.ID("appraisal.mr-signer")
}
