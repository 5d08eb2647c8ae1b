// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation

/// The result of `quote verify`, which text and JSON are made from.
struct QuoteVerificationResult: Encodable {
    enum Verdict: String, Encodable {
        case verified
        case refused
        case malformed
    }

    let verdict: Verdict
    let tcbStatus: TCBStatus?
    let advisoryIDs: [String]
    /// What the statuses and advisories are made of; for a quote that was verified.
    let tcb: TCBSummary?
    let quote: QuoteSummary?
    let platform: PlatformSummary?
    let checks: [Check]
    /// What a policy says, where one was given and the quote was verified.
    let appraisal: AppraisalSummary?

    init(_ outcome: VerificationOutcome, encodedQuote: [UInt8], appraisal: AppraisalSummary?) {
        let report = outcome.report
        let quote = outcome.verifiedQuote?.quote ?? (try? Quote(decoding: encodedQuote.span))
        let isAccepted = outcome.verifiedQuote != nil && appraisal?.verdict != .refused
        self.verdict = isAccepted ? .verified : quote == nil ? .malformed : .refused
        self.tcbStatus = report.tcbStatus
        self.advisoryIDs = report.advisoryIDs
        self.tcb = outcome.verifiedQuote.map(TCBSummary.init)
        self.quote = quote.map(QuoteSummary.init)
        // Of a refused quote's platform nothing is known, whatever its certificate says.
        self.platform = outcome.verifiedQuote.map { PlatformSummary($0.platform) }
        self.checks = report.checks
        self.appraisal = appraisal
    }

    /// The check that stopped it: of verification, or of the policy's nearest rule.
    var failure: Check? { self.checks.first { $0.outcome == .failed } ?? self.appraisal?.failure }

    var text: String {
        var lines = self.checks.map(\.description)
        if let quote = self.quote { lines += ["", quote.text] }
        if let platform = self.platform { lines.append(platform.text) }
        if let appraisal = self.appraisal { lines += ["", appraisal.text] }
        return (lines + ["", self.summary]).joined(separator: "\n")
    }

    /// One line.
    var summary: String {
        let advisories = self.advisoryIDs.isEmpty ? "" : " (\(self.advisoryIDs.joined(separator: ", ")))"
        let status = self.tcbStatus.map { ", TCB status \($0.rawValue)\(advisories)" } ?? ""
        return "\(self.verdict.rawValue)\(status)\(self.failure.map { ": \($0)" } ?? "")"
    }
}
