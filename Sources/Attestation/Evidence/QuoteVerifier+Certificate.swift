// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension QuoteVerifier {
    /// Verifies an RA-TLS certificate: that its quote was made for its key, then the quote with its collateral as of `time`.
    ///
    /// That whoever shows the certificate has its key is proven by TLS, not here.
    public func verify(certificateDER: [UInt8], collateral: Collateral, at time: Date) -> VerificationOutcome {
        let certificate: RATLSCertificate
        do { certificate = try RATLSCertificate(decoding: certificateDER) } catch { return .refused(EvidenceChecks.report(of: error)) }
        // Bytes that are no quote are told of by the verifier, in its own words.
        guard let quote = try? Quote(decoding: certificate.quote.span) else {
            return self.verify(encodedQuote: certificate.quote, collateral: collateral, at: time)
        }
        let binding = certificate.checkBinding(to: quote)
        guard binding.allPassed else { return .refused(binding) }
        switch self.verify(quote, collateral: collateral, at: time) {
        case .verified(let verified, let report): return .verified(verified, binding.appending(report))
        case .refused(let report): return .refused(binding.appending(report))
        }
    }
}
