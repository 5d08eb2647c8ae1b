// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Accesses to pages that the host took away fail: else the host can provoke exceptions inside and learn or change what it should not.
struct SEPTRule: TrustDomainRule {
    let id = Check.ID.appraisalSEPTVEDisable

    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let isSet = report.tdAttributes.disablesSEPTViolationExceptions
        return RuleVerdict(
            isSet, expected: "SEPT_VE_DISABLE set", found: "SEPT_VE_DISABLE \(isSet ? "set" : "clear")", source: "quote, TDATTRIBUTES",
            remedy:
                "start the trust domain with SEPT_VE_DISABLE (QEMU: tdx-guest,sept-ve-disable=on); some providers do not, see waiver `sept-ve-disable`",
            waiver: policy.waiver(.septVEDisable, at: time))
    }
}

extension Check.ID {
    /// SEPT_VE_DISABLE is set: the host cannot provoke exceptions inside the trust domain by taking pages away.
    public static let appraisalSEPTVEDisable = Check.ID("appraisal.sept-ve-disable")
}
