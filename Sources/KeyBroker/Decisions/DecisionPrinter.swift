// SPDX-License-Identifier: Apache-2.0

import Attestation
public import Logging

/// A ``DecisionLog`` for people: one structured line a decision, and the whole report of a refusal.
public struct DecisionPrinter: DecisionLog {
    private let logger: Logger

    /// Prints to a logger.
    public init(logger: Logger) {
        self.logger = logger
    }

    /// Prints one decision.
    ///
    /// Never fails.
    public func append(_ decision: Decision) async {
        var metadata: Logger.Metadata = ["peer": "\(decision.peer)", "verdict": "\(decision.verdict.rawValue)", "door": "\(decision.door.rawValue)"]
        if let asked = decision.asked, !asked.isEmpty { metadata["asked"] = .array(asked.map { "\(ReportText.quotable($0))" }) }
        metadata["secret"] = decision.secret.map { "\($0)" }
        metadata["rule"] = decision.rule.map { "\($0)" }
        metadata["root"] = decision.root.map { "\($0.rawValue)" }
        if let enclave = decision.enclave {
            metadata["mr-enclave"] = "\(enclave.mrEnclave)\(enclave.isVerified ? "" : " (claimed)")"
        }
        if let domain = decision.trustDomain { metadata["mr-td"] = "\(domain.mrTD)\(domain.isVerified ? "" : " (claimed)")" }
        if !decision.waivers.isEmpty { metadata["waivers"] = .array(decision.waivers.map { "\($0.kind)" }) }
        metadata["failed-check"] = decision.failedCheck.map { "\($0)" }
        metadata["remedy"] = decision.remedy.map { "\($0)" }
        switch decision.verdict {
        case .released: self.logger.notice("released", metadata: metadata)
        case .refused: self.logger.warning("refused\n\(decision.report.text)", metadata: metadata)
        }
    }
}
