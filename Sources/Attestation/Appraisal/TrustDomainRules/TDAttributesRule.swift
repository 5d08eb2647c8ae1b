// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// TDATTRIBUTES hold no bits that nobody knows, and are those that the policy names.
struct TDAttributesRule: TrustDomainRule {
    let id = Check.ID.appraisalTDAttributes

    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let (found, reserved) = (report.tdAttributes, report.tdAttributes.reservedBits)
        let source = "quote, TDATTRIBUTES"
        guard reserved == 0 else {
            return RuleVerdict(
                .fails(remedy: "update sealwright: the platform sets bits that this version does not know, and what they allow is unknown"),
                expected: "no reserved bits", found: "\(found), reserved bits 0x\(String(reserved, radix: 16))", source: source)
        }
        return RuleVerdict(field: "td_attributes", accepted: policy.tdx.tdAttributes, found: found, source: source, waiver: nil)
    }
}

extension Check.ID {
    /// TDATTRIBUTES have no reserved bits set, and are among those the policy names.
    public static let appraisalTDAttributes = Check.ID("appraisal.td-attributes")
}
