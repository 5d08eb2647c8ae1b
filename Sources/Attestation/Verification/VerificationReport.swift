// SPDX-License-Identifier: Apache-2.0

/// The ordered list of checks of one verification or appraisal, each passed, failed or not reached.
public struct VerificationReport: Hashable, Sendable, Codable {
    /// All checks, in the order in which they are made.
    public let checks: [Check]
    /// The platform's status where verification came that far, for a refused revoked platform too.
    public let tcbStatus: TCBStatus?
    /// Advisories that apply to the platform where verification came that far.
    public let advisoryIDs: [String]

    package init(checks: [Check], tcbStatus: TCBStatus? = nil, advisoryIDs: [String] = []) {
        self.checks = checks
        self.tcbStatus = tcbStatus
        self.advisoryIDs = advisoryIDs
    }

    /// Whether every check passed.
    public var allPassed: Bool { !self.checks.isEmpty && self.checks.allSatisfy { $0.outcome == .passed } }

    /// The check that stopped it.
    public var firstFailure: Check? { self.checks.first { $0.outcome == .failed } }

    /// The check of that name, if it belongs to this report.
    public subscript(id: Check.ID) -> Check? { self.checks.first { $0.id == id } }

    /// One line a check.
    public var text: String { self.checks.map(\.description).joined(separator: "\n") }

    /// One line for logs: the failed check, or that all passed.
    public var summary: String {
        if let failure = self.firstFailure { return failure.description }
        return self.allPassed ? "all \(self.checks.count) checks passed" : "not all checks were made"
    }

    /// This report followed by the checks of a later step, such as appraisal after verification.
    package func appending(_ later: VerificationReport) -> VerificationReport {
        VerificationReport(
            checks: self.checks + later.checks, tcbStatus: later.tcbStatus ?? self.tcbStatus,
            advisoryIDs: later.advisoryIDs.isEmpty ? self.advisoryIDs : later.advisoryIDs)
    }
}
