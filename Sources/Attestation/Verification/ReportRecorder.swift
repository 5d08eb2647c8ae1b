/// Collects the outcomes of a planned list of checks, so that none can be left out of a report unseen.
///
/// Checks that were never recorded are reported as not reached.
package struct ReportRecorder: Sendable {
    private let plan: [Check.ID]
    private var recorded: [Check] = []

    package init(plan: [Check.ID]) {
        self.plan = plan
        self.recorded.reserveCapacity(plan.count)
    }

    /// Whether a check has failed already.
    package var hasFailed: Bool { self.recorded.contains { $0.outcome == .failed } }

    /// Notes a check that holds.
    package mutating func pass(_ id: Check.ID, found: String? = nil, expected: String? = nil, source: String? = nil) {
        self.record(Check(id: id, outcome: .passed, expected: expected, found: found, source: source))
    }

    /// Notes a check that does not hold.
    package mutating func fail(_ id: Check.ID, expected: String, found: String, source: String, remedy: String) {
        self.record(Check(id: id, outcome: .failed, expected: expected, found: found, source: source, remedy: remedy))
    }

    private mutating func record(_ check: Check) {
        precondition(self.plan.contains(check.id), "a check outside the plan: \(check.id)")
        precondition(!self.recorded.contains { $0.id == check.id }, "a check recorded twice: \(check.id)")
        self.recorded.append(check)
    }

    /// The report: every planned check in the planned order.
    package func report(tcbStatus: TCBStatus? = nil, advisoryIDs: [String] = []) -> VerificationReport {
        let checks = self.plan.map { id in self.recorded.first { $0.id == id } ?? Check(id: id, outcome: .notReached) }
        return VerificationReport(checks: checks, tcbStatus: tcbStatus, advisoryIDs: advisoryIDs)
    }
}
