// SPDX-License-Identifier: Apache-2.0

public import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Judges the RA-TLS certificate of a peer, from its bytes to what it may be trusted with.
///
/// Certificate → evidence, bound to the certificate's key → quote → collateral → verification → appraisal, in one report.
/// That the peer holds the certificate's key is proven by TLS, not here.
public struct PeerVerifier: Sendable {
    private let verifier: QuoteVerifier
    private let collateral: any CollateralSource

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - roots: what quotes may be rooted in.
    ///   - collateral: where collateral is got for the quote's platform.
    public init(roots: [RootOfTrust], collateral: any CollateralSource) {
        // Peers come again, and platforms have many: what never changes is verified once.
        self.verifier = QuoteVerifier(roots: roots, cache: VerificationCache())
        self.collateral = collateral
    }

    /// Verifies a peer's certificate: everything that does not depend on an owner's policy.
    ///
    /// Nothing is thrown but cancellation. Collateral that cannot be had is a failed check, `collateral.available`.
    ///
    /// * `certificateDER`: the certificate that the peer showed in TLS.
    /// * `time`: when the evidence has to be valid; a trusted clock's now.
    public func verify(certificateDER: [UInt8], at time: Date) async throws(CancellationError) -> VerificationOutcome {
        try await self.examine(certificateDER: certificateDER, at: time).outcome
    }

    /// An outcome, and the collateral that it was made with where there was any.
    package typealias Examination = (outcome: VerificationOutcome, collateral: Collateral?)

    /// As ``verify(certificateDER:at:)``; also hands out the collateral, for whoever keeps what a decision was made on.
    package func examine(certificateDER: [UInt8], at time: Date) async throws(CancellationError) -> Examination {
        let certificate: RATLSCertificate
        do {
            certificate = try RATLSCertificate(decoding: certificateDER)
        } catch {
            return (.refused(EvidenceChecks.report(of: error)), nil)
        }
        return try await self.examine(encodedQuote: certificate.quote, at: time) { certificate.checkBinding(to: $0) }
    }

    /// Verifies a quote after its binding to whatever it was made for.
    ///
    /// `binding`: checks what the quote's report data binds; nothing is fetched unless it passes.
    package func examine(
        encodedQuote: [UInt8], at time: Date, binding: (Quote) -> VerificationReport
    ) async throws(CancellationError) -> Examination {
        let quote: Quote
        do {
            quote = try Quote(decoding: encodedQuote.span)
        } catch {
            // The verifier tells of it in its own words: `quote.format`.
            return (self.verifier.verify(encodedQuote: encodedQuote, collateral: .none, at: time), nil)
        }
        let binding = binding(quote)
        guard binding.allPassed else { return (.refused(binding), nil) }
        // Nothing is fetched for a platform that is merely named: the quote must be one that such a platform signed.
        let signatures = self.verifier.checkSignatures(of: quote)
        guard let signed = signatures.signed else { return (.refused(binding.appending(signatures.report)), nil) }
        let fetched = try await self.fetchCollateral(for: quote)
        let evidence = binding.appending(fetched.report)
        guard let collateral = fetched.collateral else { return (.refused(evidence), nil) }
        switch self.verifier.verify(signed, collateral: collateral, at: time) {
        case .verified(let verified, let report): return (.verified(verified, evidence.appending(report)), collateral)
        case .refused(let report): return (.refused(evidence.appending(report)), collateral)
        }
    }

    /// Verifies a peer's certificate and appraises the enclave behind it.
    public func accept(certificateDER: [UInt8], policy: AppraisalPolicy, at time: Date) async throws(CancellationError) -> AppraisalOutcome {
        switch try await self.verify(certificateDER: certificateDER, at: time) {
        case .refused(let report): return .refused(report)
        case .verified(let quote, let report):
            switch policy.appraise(quote, at: time) {
            case .accepted(let result, let appraisal): return .accepted(result, report.appending(appraisal))
            case .refused(let appraisal): return .refused(report.appending(appraisal))
            }
        }
    }

    private func fetchCollateral(for quote: Quote) async throws(CancellationError) -> (collateral: Collateral?, report: VerificationReport) {
        var recorder = ReportRecorder(plan: [.collateralAvailable])
        do {
            let collateral = try await self.collateral.collateral(for: quote)
            recorder.pass(.collateralAvailable, found: "TCB info of \(collateral.tcbInfo.count) bytes", source: "collateral service")
            return (collateral, recorder.report())
        } catch let error as CancellationError {
            throw error
        } catch {
            let known = error as? RATLSError
            recorder.fail(
                .collateralAvailable, expected: "collateral for the quote's platform", found: known?.message ?? String(describing: error),
                source: "collateral service", remedy: known?.remedy ?? "make the collateral service reachable and try again")
            return (nil, recorder.report())
        }
    }
}
