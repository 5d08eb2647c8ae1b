// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The trust domain cannot be moved to another platform, which nobody has verified.
struct MigratableRule: TrustDomainRule {
    let id = Check.ID.appraisalMigratable

    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let isMigratable = report.tdAttributes.isMigratable
        return RuleVerdict(
            !isMigratable, expected: "MIGRATABLE clear", found: "MIGRATABLE \(isMigratable ? "set" : "clear")", source: "quote, TDATTRIBUTES",
            remedy: "start the trust domain without migration, or, where the migration service is trusted, use the waiver `migratable-td`",
            waiver: policy.waiver(.migratableTD, at: time))
    }
}

extension Check.ID {
    /// The trust domain cannot be moved to another platform.
    public static let appraisalMigratable = Check.ID("appraisal.migratable")
}
