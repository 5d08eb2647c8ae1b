// SPDX-License-Identifier: Apache-2.0

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
    ///
    /// Refuses at the first check that fails; the report says which, why and what to do. A platform that is out of date is verified, with that
    /// status: whether it is acceptable is for appraisal to say. A revoked one is refused.
    public func verify(_ quote: Quote, collateral: Collateral, at time: Date) -> VerificationOutcome {
        var verification = Verification(roots: self.roots, collateral: collateral, time: time.orNeverValid)
        do throws(Verification.Stop) {
            let findings = try verification.run(quote)
            return verification.outcome(of: quote, findings)
        } catch {
            return .refused(verification.report())
        }
    }

    /// Checks what a quote proves without collateral: that a platform under a pinned root signed it.
    ///
    /// For whoever has to fetch collateral: the platform that an unchecked quote names is an attacker's free choice. The report has no failed
    /// check if all is well; it proves nothing else, since neither revocation nor validity nor TCB was looked at.
    package func checkSignatures(of quote: Quote) -> VerificationReport {
        var verification = Verification(roots: self.roots, collateral: .none, time: .distantPast)
        do throws(Verification.Stop) { try verification.runSignatures(quote) } catch {}
        return verification.report()
    }

    /// Verifies an encoded quote; bytes that are not a supported quote fail the check `quote.format`.
    public func verify(encodedQuote: [UInt8], collateral: Collateral, at time: Date) -> VerificationOutcome {
        do throws(QuoteError) {
            return self.verify(try Quote(decoding: encodedQuote.span), collateral: collateral, at: time)
        } catch {
            var recorder = ReportRecorder(plan: Check.ID.verification)
            recorder.fail(
                .quoteFormat, expected: "an Intel DCAP quote of version 3, 4 or 5 for SGX", found: error.message, source: "quote",
                remedy: error.remedy ?? Remedies.badQuote)
            return .refused(recorder.report())
        }
    }
}
