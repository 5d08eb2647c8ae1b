// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A policy has to say which trust domain it means.
struct TDIdentityGivenRule: TrustDomainRule {
    let id = Check.ID.appraisalIdentityGiven

    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        guard policy.tees.contains(.tdx) else {
            return RuleVerdict(
                .fails(remedy: "have the enclave ask that the policy means; if trust domains are meant to have this, say which under `tdx`"),
                expected: "evidence of an enclave (SGX)", found: "evidence of a trust domain (TDX), which the policy says nothing about",
                source: "quote")
        }
        let isGiven = policy.tdx.mrTD.isGiven
        let rtmrs = report.rtmrs.enumerated().map { "rtmr\($0.offset) \($0.element)" }.joined(separator: ", ")
        return RuleVerdict(
            isGiven, expected: "a measurement of a trust domain", found: isGiven ? "a measurement" : "none, so every trust domain in the world",
            source: "policy", remedy: "name mr_td under `tdx`, and the rtmrs of what it boots; this trust domain has mr_td \(report.mrTD), \(rtmrs)",
            waiver: policy.waiver(.anyMeasurement, at: time))
    }
}
