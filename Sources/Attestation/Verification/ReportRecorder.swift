// SPDX-License-Identifier: Apache-2.0

/// Collects the outcomes of a planned list of checks, so that none can be left out of a report unseen.
///
/// Checks that were never recorded are reported as not reached.
package struct ReportRecorder: Sendable {
    private let plan: [Check.ID]
    /// Outcomes by their place in the plan.
    private var recorded: [Check?]
    /// Where in the plan the next check most likely is: checks are mostly made in order.
    private var cursor = 0

    package init(plan: [Check.ID]) {
        self.plan = plan
        self.recorded = [Check?](repeating: nil, count: plan.count)
    }

    /// Whether a check has failed already.
    package var hasFailed: Bool { self.recorded.contains { $0?.outcome == .failed } }

    /// Notes a check that holds.
    package mutating func pass(_ id: Check.ID, found: String? = nil, expected: String? = nil, source: String? = nil) {
        self.record(Check(id: id, outcome: .passed, expected: expected, found: found, source: source))
    }

    /// Notes a check that does not hold.
    package mutating func fail(_ id: Check.ID, expected: String, found: String, source: String, remedy: String) {
        self.record(Check(id: id, outcome: .failed, expected: expected, found: found, source: source, remedy: remedy))
    }

    private mutating func record(_ check: Check) {
        let isNext = self.cursor < self.plan.count && self.plan[self.cursor] == check.id
        guard let place = isNext ? self.cursor : self.plan.firstIndex(of: check.id) else {
            preconditionFailure("a check outside the plan: \(check.id)")
        }
        precondition(self.recorded[place] == nil, "a check recorded twice: \(check.id)")
        self.recorded[place] = check
        self.cursor = place + 1
    }

    /// The report: every planned check in the planned order.
    package func report(tcbStatus: TCBStatus? = nil, advisoryIDs: [String] = []) -> VerificationReport {
        let checks = zip(self.plan, self.recorded).map { id, check in check ?? Check(id: id, outcome: .notReached) }
        return VerificationReport(checks: checks, tcbStatus: tcbStatus, advisoryIDs: advisoryIDs)
    }
}
