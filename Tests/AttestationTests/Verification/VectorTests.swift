// SPDX-License-Identifier: Apache-2.0

import Attestation
import TestSupport
import Testing

@Suite("Verification vectors", .enabled(if: SharedVectors.exist("dcap") && SharedVectors.exist("dcap-synthetic")))
struct VectorTests {
    static let all = VectorSets.real + VectorSets.synthetic

    @Test("the sets have their entries")
    func count() {
        #expect(VectorSets.real.count == 49)
        #expect(VectorSets.synthetic.count == 300)
    }

    @Test(
        "a quote gets the status, advisories and debug flag that its entry names",
        arguments: Self.all.filter { !["reject", "Revoked"].contains($0.recommended) })
    func verified(vector: VectorCase) throws {
        let outcome = try vector.verify()
        guard case .verified(let quote, let report) = outcome else {
            Issue.record("refused: \(outcome.report.summary)")
            return
        }
        #expect(quote.tcbStatus.rawValue == vector.recommended)
        #expect(quote.advisoryIDs == vector.advisoryIDs)
        #expect(report.tcbStatus == quote.tcbStatus && report.advisoryIDs == quote.advisoryIDs)
        #expect(quote.quote.body.isDebug == vector.isDebug)
        #expect(quote.quote.reportFields.filter { vector.body[$0.key] != nil } == vector.body)
        #expect(report.allPassed)
        #expect(report.checks.map(\.id) == Check.ID.verification(of: quote.quote.body))
        #expect(quote.collateralIssued <= vector.time && vector.time <= quote.collateralExpiration)
    }

    @Test(
        "a revoked platform or quoting enclave is refused, and the report has its status", arguments: Self.all.filter { $0.recommended == "Revoked" })
    func revoked(vector: VectorCase) throws {
        let outcome = try vector.verify()
        #expect(outcome.verifiedQuote == nil)
        #expect([.tcbStatus, .tcbPlatformStatus].contains(outcome.report.firstFailure?.id))
        #expect(outcome.report.tcbStatus == .revoked)
    }

    @Test("a refused entry fails the very check that it is about", arguments: Self.all.filter { $0.recommended == "reject" })
    func refused(vector: VectorCase) throws {
        let outcome = try vector.verify()
        #expect(outcome.verifiedQuote == nil)
        let expected = try #require(ExpectedFailure.check(for: vector.id))
        let failures = outcome.report.checks.filter { $0.outcome == .failed }
        // Only what is expired is told all at once: then the entry is about one of several.
        #expect(failures.map(\.id) == [expected] || failures.contains { $0.id == expected } && failures.allSatisfy { Self.isAboutTime($0.id) })
        #expect(outcome.report.tcbStatus == nil && outcome.report.advisoryIDs.isEmpty)
        let last = try #require(outcome.report.checks.lastIndex { $0.outcome == .failed })
        #expect(outcome.report.checks[..<last].allSatisfy { $0.outcome != .notReached })
        #expect(Self.isAboutTime(expected) || outcome.report.checks[(last + 1)...].allSatisfy { $0.outcome == .notReached })
        for check in failures { #expect(check.expected != nil && check.found != nil && check.source != nil && check.remedy != nil) }
    }

    private static func isAboutTime(_ id: Check.ID) -> Bool { id.description.hasSuffix(".validity") || id.description.hasSuffix(".freshness") }

    @Test("what a cache remembers changes no verdict", arguments: Self.all)
    func cached(vector: VectorCase) throws {
        let (quote, collateral) = (try vector.quoteBytes(), DecodedCollateral(try vector.collateralBytes()))
        let verifier = QuoteVerifier(roots: try vector.verifier().roots, cache: Self.cache)
        let fresh = try vector.verify()
        for _ in 0..<2 { #expect(verifier.verify(encodedQuote: quote, collateral: collateral, at: vector.time) == fresh) }
    }

    /// One for all entries, so that they could disturb each other.
    private static let cache = VerificationCache(signatureCapacity: 64, chainCapacity: 4)
}
