// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the evidence was verified with is valid at the time of appraisal too, for verified evidence can be kept.
enum CollateralValidityRule: AppraisalRule {
    static let id = Check.ID.appraisalCollateralValidity

    static func judge(_ evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        RuleVerdict(
            evidence.collateralIssued <= time && time <= evidence.collateralExpiration,
            expected: "collateral and certificates valid at \(time.reportText)",
            found: "valid from \(evidence.collateralIssued.reportText) until \(evidence.collateralExpiration.reportText)",
            source: "collateral and certificates", remedy: "verify the quote again with current collateral, then appraise it")
    }
}

extension Check.ID {
    /// What the evidence was verified with is valid at the time of appraisal, too.
    public static let appraisalCollateralValidity = Check.ID("appraisal.collateral-validity")
}
