// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation

/// A line of the broker's log: whether the secret was released, and the report that decided it.
struct BrokerDecision: Decodable {
    private let verdict: String
    private let report: VerificationReport

    var wasReleased: Bool { self.verdict == "released" }

    /// The checks that passed by number, the failed one in full.
    var explanation: String {
        let passed = self.report.checks.count { $0.outcome == .passed }
        guard let failure = self.report.firstFailure else { return "\(passed) checks passed" }
        return """
            \(passed) checks passed, then
            \(failure.id): expected \(failure.expected ?? "-")
            \(String(repeating: " ", count: failure.id.description.count)) found    \(failure.found ?? "-")
            what to do: \(failure.remedy ?? "-")
            """
    }

    /// The last decision in a log of JSON lines.
    static func last(in path: String) throws -> BrokerDecision {
        let text = String(decoding: try InputFile.readAll(path), as: UTF8.self)
        guard let line = text.split(separator: "\n").last else { throw DemoFailure("the broker's log \(path) is empty") }
        return try JSONDecoder().decode(BrokerDecision.self, from: Data(line.utf8))
    }
}
