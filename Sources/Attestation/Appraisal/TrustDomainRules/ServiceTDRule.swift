// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// No service trust domain is bound to this one, but those the policy names: it may act on it, as in migration.
struct ServiceTDRule: TrustDomainRule {
    let id = Check.ID.appraisalServiceTD

    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let source = "quote, MRSERVICETD"
        guard let found = report.current?.mrServiceTD else {
            return RuleVerdict(.holds, expected: "no service trust domain", found: "a TD report of version 1.0, which names none", source: source)
        }
        if case .notGiven = policy.tdx.mrServiceTD {
            return RuleVerdict(
                found.isZero, expected: "no service trust domain: zero", found: found.hexString, source: source,
                remedy: "find out which service the provider binds, then name it as mr_service_td in the policy",
                waiver: policy.waiver(.serviceTD, at: time))
        }
        return RuleVerdict(
            field: "mr_service_td", accepted: policy.tdx.mrServiceTD, found: found, source: source, waiver: policy.waiver(.serviceTD, at: time))
    }
}

extension Check.ID {
    /// No service trust domain is bound but those the policy names.
    public static let appraisalServiceTD = Check.ID("appraisal.service-td")
}
