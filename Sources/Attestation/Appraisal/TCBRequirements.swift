// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How up to date an owner wants a platform to be.
public struct TCBRequirements: Hashable, Sendable {
    /// How advisories that apply to a platform are judged.
    public enum AdvisoryRule: Hashable, Sendable {
        /// By the status alone: Intel lists advisories with platforms that are up to date, too.
        case byStatus
        /// No others than these may apply.
        case only(Set<String>)
    }

    /// Accepted statuses.
    ///
    /// `OutOfDate` in any form needs a waiver beside, and `Revoked` is never accepted.
    public var acceptedStatuses: Set<TCBStatus>
    /// Which advisories may apply.
    public var advisories: AdvisoryRule
    /// Advisories that must not apply, whatever else is said.
    public var deniedAdvisories: Set<String>
    /// Lowest accepted number of Intel's TCB evaluation, so that old collateral cannot be played; 0 accepts each.
    public var minimumTCBEvaluationDataNumber: Int
    /// Oldest accepted date of the platform's TCB level; `distantPast` accepts each.
    public var minimumTCBDate: Date

    /// Requirements; the default accepts platforms that are up to date.
    public init(
        acceptedStatuses: Set<TCBStatus> = [.upToDate], advisories: AdvisoryRule = .byStatus, deniedAdvisories: Set<String> = [],
        minimumTCBEvaluationDataNumber: Int = 0, minimumTCBDate: Date = .distantPast
    ) {
        self.acceptedStatuses = acceptedStatuses
        self.advisories = advisories
        self.deniedAdvisories = deniedAdvisories
        self.minimumTCBEvaluationDataNumber = minimumTCBEvaluationDataNumber
        self.minimumTCBDate = minimumTCBDate
    }
}
