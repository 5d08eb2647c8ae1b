// SPDX-License-Identifier: Apache-2.0

import Attestation

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
    let quote: QuoteSummary?
    let platform: PlatformSummary?
    let checks: [Check]

    init(_ outcome: VerificationOutcome, encodedQuote: [UInt8]) {
        let report = outcome.report
        let quote = outcome.verifiedQuote?.quote ?? (try? Quote(decoding: encodedQuote.span))
        self.verdict = outcome.verifiedQuote != nil ? .verified : quote == nil ? .malformed : .refused
        self.tcbStatus = report.tcbStatus
        self.advisoryIDs = report.advisoryIDs
        self.quote = quote.map(QuoteSummary.init)
        // Of a refused quote's platform nothing is known, whatever its certificate says.
        self.platform = outcome.verifiedQuote.map { PlatformSummary($0.platform) }
        self.checks = report.checks
    }

    var text: String {
        var lines = self.checks.map(\.description)
        if let quote = self.quote { lines += ["", quote.text] }
        if let platform = self.platform { lines.append(platform.text) }
        let advisories = self.advisoryIDs.isEmpty ? "" : " (\(self.advisoryIDs.joined(separator: ", ")))"
        lines += ["", "\(self.verdict.rawValue)\(self.tcbStatus.map { ", TCB status \($0.rawValue)" } ?? "")\(advisories)"]
        return lines.joined(separator: "\n")
    }
}
