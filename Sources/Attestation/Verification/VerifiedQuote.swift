// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A quote whose signatures and collateral hold at a time.
///
/// Only ``QuoteVerifier`` makes one.
///
/// Verified is not accepted: the enclave may be anybody's, a debug enclave, on an outdated platform. Appraisal judges that.
public struct VerifiedQuote: Hashable, Sendable {
    /// The quote.
    public let quote: Quote
    /// The root that everything ended at.
    public let root: RootOfTrust
    /// When it was verified: the time given to the verifier.
    public let verifiedAt: Date
    /// Status of platform, TDX module and quoting enclave together.
    public let tcbStatus: TCBStatus
    /// Status of the platform's TCB level alone.
    public let platformTCBStatus: TCBStatus
    /// Status of the TDX module that the trust domain was started under; `nil` for SGX.
    public let tdxModuleTCBStatus: TCBStatus?
    /// Status of the quoting enclave alone.
    public let qeTCBStatus: TCBStatus
    /// Advisories of platform, TDX module and quoting enclave, without duplicates.
    public let advisoryIDs: [String]
    /// Advisories of the platform's TCB level.
    public let platformAdvisoryIDs: [String]
    /// Advisories of the TDX module's level; none for SGX.
    public let tdxModuleAdvisoryIDs: [String]
    /// Advisories of the quoting enclave's level.
    public let qeAdvisoryIDs: [String]
    /// Date of the platform's TCB level: the newest one known not to have advisories beyond those listed.
    public let tcbDate: Date
    /// The lower evaluation data number of TCB info and QE identity.
    public let tcbEvaluationDataNumber: Int
    /// The platform, as its PCK certificate describes it.
    public let platform: SGXPlatform
    /// When the newest piece of collateral and certificate begins to be valid.
    public let collateralIssued: Date
    /// When the first piece of collateral or certificate ends to be valid; still valid at that very time.
    public let collateralExpiration: Date

    fileprivate init(_ quote: Quote, _ findings: Verification.Findings, verifiedAt: Date, window: ValidityWindow) {
        self.quote = quote
        self.root = findings.root
        self.verifiedAt = verifiedAt
        self.tcbStatus = findings.tcb.status
        self.platformTCBStatus = findings.tcb.platform
        self.tdxModuleTCBStatus = findings.tcb.module
        self.qeTCBStatus = findings.tcb.quotingEnclave ?? .revoked  // Always there after a whole run.
        self.advisoryIDs = findings.tcb.advisoryIDs
        self.platformAdvisoryIDs = findings.tcb.platformAdvisoryIDs
        self.tdxModuleAdvisoryIDs = findings.tcb.moduleAdvisoryIDs
        self.qeAdvisoryIDs = findings.tcb.qeAdvisoryIDs
        self.tcbDate = findings.tcb.date
        self.tcbEvaluationDataNumber = findings.tcbEvaluationDataNumber
        self.platform = findings.platform
        self.collateralIssued = window.from
        self.collateralExpiration = window.until
    }
}

extension Verification {
    /// The outcome of a run that came to its end.
    ///
    /// The report has the last word: a check that was planned and not made refuses, as a failed one does.
    func outcome(of quote: Quote, _ findings: Findings) -> VerificationOutcome {
        let report = self.report()
        guard report.allPassed else { return .refused(report) }
        return .verified(VerifiedQuote(quote, findings, verifiedAt: self.time, window: self.window), report)
    }
}
