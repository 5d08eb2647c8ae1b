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
    /// Status of platform and quoting enclave together.
    public let tcbStatus: TCBStatus
    /// Status of the platform's TCB level alone.
    public let platformTCBStatus: TCBStatus
    /// Status of the quoting enclave alone.
    public let qeTCBStatus: TCBStatus
    /// Advisories of platform and quoting enclave, without duplicates.
    public var advisoryIDs: [String] {
        self.platformAdvisoryIDs + self.qeAdvisoryIDs.filter { !self.platformAdvisoryIDs.contains($0) }
    }
    /// Advisories of the platform's TCB level.
    public let platformAdvisoryIDs: [String]
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
}
