// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// MRENCLAVE is one of those the policy names.
enum MREnclaveRule: EnclaveRule {
    static let id = Check.ID.appraisalMREnclave

    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let found = report.mrEnclave
        guard case .anyOf(let accepted) = policy.sgx.mrEnclave else {
            // Not by itself a fault: `appraisal.identity-given` judges what the policy has to name.
            return RuleVerdict(.holds, expected: "not given in the policy", found: found.hexString, source: "quote, MRENCLAVE")
        }
        return RuleVerdict(
            accepted.contains(found),
            expected: accepted.isEmpty ? "nothing: the policy's list is empty" : accepted.map(\.hexString).joined(separator: " or "),
            found: found.hexString, source: "quote, MRENCLAVE",
            remedy: "if this enclave is meant to be trusted, add its value to mr_enclave in the policy; else find out who started it",
            waiver: policy.waiver(.anyMeasurement, at: time))
    }
}

extension Check.ID {
    /// MRENCLAVE is one of those the policy names.
    public static let appraisalMREnclave = Check.ID("appraisal.mr-enclave")
}
