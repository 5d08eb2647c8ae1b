// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Verifies quotes: a pure function of quote, collateral, roots of trust and time.
public struct QuoteVerifier: Sendable {
    /// What is done with quotes of the extended TD report (body type 4), which is read after its specification but was never seen.
    public enum ExtendedTDReports: Hashable, Sendable {
        /// Refused.
        case refused
        /// Verified like any other; experimental.
        case accepted
    }

    /// The roots that a quote's and its collateral's certificates may end at.
    public let roots: [RootOfTrust]
    /// What is done with quotes of the extended TD report.
    public let extendedTDReports: ExtendedTDReports
    /// What earlier verifications found out; without it each stands for itself.
    public let cache: VerificationCache?

    /// Makes a verifier that trusts these roots and no others.
    ///
    /// - Parameters:
    ///   - roots: what certificates may end at.
    ///   - extendedTDReports: what is done with quotes of the extended TD report.
    ///   - cache: makes later verifications cheaper; what they say stays the same.
    public init(roots: [RootOfTrust], extendedTDReports: ExtendedTDReports = .refused, cache: VerificationCache? = nil) {
        self.roots = roots
        self.extendedTDReports = extendedTDReports
        self.cache = cache
    }

    /// Verifies a parsed quote with its collateral as of `time`.
    ///
    /// Refuses at the first check that fails, but names everything that is expired; the report says why and what to do. A platform that is out of date is verified, with that
    /// status: whether it is acceptable is for appraisal to say. A revoked one is refused.
    public func verify(_ quote: Quote, collateral: DecodedCollateral, at time: Date) -> VerificationOutcome {
        self.verify(quote, isSignatureChecked: false, collateral: collateral, at: time)
    }

    private func verify(_ quote: Quote, isSignatureChecked: Bool, collateral: DecodedCollateral, at time: Date) -> VerificationOutcome {
        var verification = Verification(
            self, collateral: collateral, time: time.orNeverValid, plan: Check.ID.verification(of: quote.body),
            isQuoteSignatureChecked: isSignatureChecked)
        do throws(Verification.Stop) {
            let findings = try verification.run(quote, extendedTDReports: self.extendedTDReports)
            return verification.outcome(of: quote, findings)
        } catch {
            return .refused(verification.report())
        }
    }

    /// Verifies a parsed quote with its collateral as of `time`.
    ///
    /// Who verifies more than one quote with the same collateral decodes it once (``DecodedCollateral``), or gives the verifier a cache.
    public func verify(_ quote: Quote, collateral: Collateral, at time: Date) -> VerificationOutcome {
        self.verify(quote, collateral: self.cache?.decoded(collateral) ?? DecodedCollateral(collateral), at: time)
    }

    /// Checks what a quote proves without collateral: that a platform under a pinned root signed it.
    ///
    /// For whoever has to fetch collateral: the platform that an unchecked quote names is an attacker's free choice. The report has no failed
    /// check if all is well; it proves nothing else, since neither revocation nor validity nor TCB was looked at. A quote that does not carry
    /// its PCK chain proves less: that it is whole. Who asks a service about such quotes bounds how often.
    ///
    /// - Returns: the quote if all is well, and the report.
    package func checkSignatures(of quote: Quote) -> (signed: SignedQuote?, report: VerificationReport) {
        var verification = Verification(
            self, collateral: DecodedCollateral(.none), time: .distantPast, plan: Check.ID.verification(of: quote.body))
        do throws(Verification.Stop) { try verification.runSignatures(quote) } catch { return (nil, verification.report()) }
        return (SignedQuote(quote), verification.report())
    }

    /// Verifies a quote whose signature this or another verifier has checked, with its collateral as of `time`.
    package func verify(_ signed: SignedQuote, collateral: Collateral, at time: Date) -> VerificationOutcome {
        self.verify(
            signed.quote, isSignatureChecked: true, collateral: self.cache?.decoded(collateral) ?? DecodedCollateral(collateral), at: time)
    }

    /// Verifies an encoded quote; bytes that are not a supported quote fail the check `quote.format`.
    public func verify(encodedQuote: [UInt8], collateral: Collateral, at time: Date) -> VerificationOutcome {
        self.verify(encodedQuote: encodedQuote, collateral: self.cache?.decoded(collateral) ?? DecodedCollateral(collateral), at: time)
    }

    /// Verifies an encoded quote; bytes that are not a supported quote fail the check `quote.format`.
    public func verify(encodedQuote: [UInt8], collateral: DecodedCollateral, at time: Date) -> VerificationOutcome {
        do throws(QuoteError) {
            return self.verify(try Quote(decoding: encodedQuote.span), collateral: collateral, at: time)
        } catch {
            var recorder = ReportRecorder(plan: Check.ID.sgxVerification)
            recorder.fail(
                .quoteFormat, expected: "an Intel DCAP quote of version 3, 4 or 5", found: error.message, source: "quote",
                remedy: error.remedy ?? Remedies.badQuote)
            return .refused(recorder.report())
        }
    }
}

/// A quote that its attestation key has signed.
///
/// Only ``QuoteVerifier`` makes one.
package struct SignedQuote: Sendable {
    package let quote: Quote

    fileprivate init(_ quote: Quote) { self.quote = quote }
}
