// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Attestation

@Suite("Reports")
struct ReportTests {
    static let noCollateral = Collateral(
        tcbInfo: [], tcbInfoIssuerChain: [], qeIdentity: [], qeIdentityIssuerChain: [], pckCRL: [], pckCRLIssuerChain: [], rootCACRL: [])

    @Test("a run with a check left out is refused, although none failed")
    func leftOut() throws {
        let verified = try #require(try TestEvidence().verify().verifiedQuote)
        let tcb = TestEvaluation.make(.upToDate)
        let findings = Verification.Findings(root: verified.root, platform: verified.platform, tcb: tcb, tcbEvaluationDataNumber: 1)
        let plan = Check.ID.verification(of: verified.quote.body)
        for omitted in plan {
            var run = Verification(
                QuoteVerifier(roots: []), collateral: DecodedCollateral(Self.noCollateral), time: TestEvidence.time, plan: plan)
            for id in plan where id != omitted { run.recorder.pass(id) }
            #expect(run.outcome(of: verified.quote, findings).verifiedQuote == nil)
            run.recorder.pass(omitted)
            #expect(run.outcome(of: verified.quote, findings).verifiedQuote != nil)
        }
    }

    @Test("what a peer sent cannot forge lines of a report")
    func forgedLines() throws {
        var evidence = TestEvidence()
        evidence.pck.commonName = "x\npassed      quote.signature\u{1b}[2J\u{2028}\u{202e}\u{85}\u{0}" + String(repeating: "y", count: 9000)
        let report = try evidence.verify().report
        let failure = try #require(report.firstFailure)
        #expect(failure.id == .pckChainNames)
        #expect(report.text.split(whereSeparator: \.isNewline).count == Check.ID.sgxVerification.count)
        #expect(report.text.unicodeScalars.allSatisfy { $0 == "\n" || (0x20..<0x7f).contains($0.value) })
        #expect(failure.description.count < 5000)
        #expect(failure.found?.contains("x\\npassed") == true)
    }

    @Test("texts of other languages are left as they are")
    func otherLanguages() {
        #expect(Check(id: .quoteFormat, outcome: .passed, found: "\u{dc}ber \u{4e2d}\u{6587}").found == "\u{dc}ber \u{4e2d}\u{6587}")
    }

    @Test("any time at all has an outcome", arguments: [-1e300, -1e11, 1e11, 1e300, .infinity, .nan] as [Double])
    func anyTime(seconds: Double) throws {
        let time = Date(timeIntervalSince1970: seconds)
        #expect(try TestEvidence().verify(at: time).report.firstFailure?.id == .pckChainValidity)
        let verified = try #require(try TestEvidence().verify().verifiedQuote)
        let policy = AppraisalPolicy(tcb: TCBRequirements(minimumTCBDate: time))
        #expect(policy.appraise(verified, at: time).report[.appraisalCollateralValidity]?.outcome == .failed)
    }

    @Test(
        "times are told as ISO 8601 tells them",
        arguments: [
            (0.0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (1_907_755_200, "2030-06-15T12:00:00Z"),
        ])
    func timeText(seconds: Double, text: String) {
        #expect(Date(timeIntervalSince1970: seconds).reportText == text)
    }
}

/// Evaluations for tests of what is made of them.
enum TestEvaluation {
    static func make(_ platform: TCBStatus, _ quotingEnclave: TCBStatus = .upToDate, advisories: ([String], [String], [String]) = ([], [], []))
        -> TCBEvaluation
    {
        TCBEvaluation(
            platform: platform, quotingEnclave: quotingEnclave, date: TestEvidence.time, advisories: advisories)
    }
}
