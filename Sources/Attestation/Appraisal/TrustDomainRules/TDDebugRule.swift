// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// No trust domains under debug: the host can look into them.
struct TDDebugRule: TrustDomainRule {
    let id = Check.ID.appraisalDebug

    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let isDebug = report.tdAttributes.isUnderDebug
        return RuleVerdict(
            !isDebug, expected: "DEBUG and every other bit of 0 to 7 clear",
            found: "TDATTRIBUTES \(report.tdAttributes)\(isDebug ? ", a trust domain that the host can look into" : "")",
            source: "quote, TDATTRIBUTES", remedy: "start the trust domain without debugging (QEMU: tdx-guest without debug=on)",
            waiver: policy.waiver(.debugEnclave, at: time))
    }
}
