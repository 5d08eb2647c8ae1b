#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Verifies quotes: a pure function of quote, collateral, roots of trust and time.
public struct QuoteVerifier: Hashable, Sendable {
    /// The roots that a quote's and its collateral's certificates may end at.
    public let roots: [RootOfTrust]

    /// Makes a verifier that trusts these roots and no others.
    public init(roots: [RootOfTrust]) { self.roots = roots }

    /// Verifies a parsed quote with its collateral as of `time`.
    public func verify(_ quote: Quote, collateral: Collateral, at time: Date) -> VerificationOutcome {
        .refused(ReportRecorder(plan: []).report())
    }

    /// Verifies an encoded quote; bytes that are not a quote fail the check `quote.format`.
    public func verify(encodedQuote: [UInt8], collateral: Collateral, at time: Date) -> VerificationOutcome {
        .refused(ReportRecorder(plan: []).report())
    }
}
