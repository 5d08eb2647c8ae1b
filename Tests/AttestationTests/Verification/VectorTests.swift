// SPDX-License-Identifier: Apache-2.0

import Attestation
import TestSupport
import Testing

@Suite("Verification vectors", .enabled(if: SharedVectors.exist("dcap") && SharedVectors.exist("dcap-synthetic")))
struct VectorTests {
    static let sgx = (VectorSets.real + VectorSets.synthetic).filter { !VectorSets.isTDX($0) }
    static let tdx = (VectorSets.real + VectorSets.synthetic).filter(VectorSets.isTDX)

    @Test("the sets have their SGX entries")
    func count() {
        #expect(Self.sgx.count == 113)
        #expect(Self.tdx.count == 236)
    }

    @Test(
        "a quote gets the status, advisories and debug flag that its entry names",
        arguments: Self.sgx.filter { !["reject", "Revoked"].contains($0.recommended) })
    func verified(vector: VectorCase) throws {
        let outcome = try vector.verify()
        guard case .verified(let quote, let report) = outcome else {
            Issue.record("refused: \(outcome.report.summary)")
            return
        }
        #expect(quote.tcbStatus.rawValue == vector.recommended)
        #expect(quote.advisoryIDs == vector.advisoryIDs)
        #expect(report.tcbStatus == quote.tcbStatus && report.advisoryIDs == quote.advisoryIDs)
        #expect(quote.quote.enclaveReport.attributes.isDebug == vector.isDebug)
        #expect(report.allPassed)
        #expect(report.checks.map(\.id) == Check.ID.verification)
        #expect(quote.collateralIssued <= vector.time && vector.time <= quote.collateralExpiration)
    }

    @Test(
        "a revoked platform or quoting enclave is refused, and the report has its status", arguments: Self.sgx.filter { $0.recommended == "Revoked" })
    func revoked(vector: VectorCase) throws {
        let outcome = try vector.verify()
        #expect(outcome.verifiedQuote == nil)
        #expect(outcome.report.firstFailure?.id == .tcbStatus)
        #expect(outcome.report.tcbStatus == .revoked)
    }

    @Test("a refused entry fails the very check that it is about", arguments: Self.sgx.filter { $0.recommended == "reject" })
    func refused(vector: VectorCase) throws {
        let outcome = try vector.verify()
        #expect(outcome.verifiedQuote == nil)
        #expect(outcome.report.firstFailure?.id == ExpectedFailure.check(for: vector.id))
        let failed = try #require(outcome.report.checks.firstIndex { $0.outcome == .failed })
        #expect(outcome.report.checks[..<failed].allSatisfy { $0.outcome == .passed })
        #expect(outcome.report.checks[(failed + 1)...].allSatisfy { $0.outcome == .notReached })
        let check = outcome.report.checks[failed]
        #expect(check.expected != nil && check.found != nil && check.source != nil && check.remedy != nil)
    }

    @Test("a TDX quote is refused as an unsupported format until TDX is built", arguments: Self.tdx)
    func unsupported(vector: VectorCase) throws {
        let outcome = try vector.verify()
        #expect(outcome.report.firstFailure?.id == .quoteFormat)
    }
}
