// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What platform and quoting enclave amount to (Intel DCAP, TCB evaluation).
struct TCBEvaluation: Hashable, Sendable {
    let platform: TCBStatus
    let quotingEnclave: TCBStatus
    let date: Date
    let platformAdvisoryIDs: [String]
    let qeAdvisoryIDs: [String]

    init(platform: TCBStatus, quotingEnclave: TCBStatus, date: Date, platformAdvisoryIDs: [String], qeAdvisoryIDs: [String]) {
        self.platform = platform
        self.quotingEnclave = quotingEnclave
        self.date = date
        self.platformAdvisoryIDs = platformAdvisoryIDs
        self.qeAdvisoryIDs = qeAdvisoryIDs
    }

    init(level: TCBLevel, qeLevel: QEIdentity.Level) {
        self.init(
            platform: level.status, quotingEnclave: qeLevel.status, date: level.date, platformAdvisoryIDs: level.advisoryIDs,
            qeAdvisoryIDs: qeLevel.advisoryIDs)
    }

    /// Both together.
    var status: TCBStatus { self.platform.converged(with: self.quotingEnclave) }

    /// Both lists, without duplicates, the platform's first.
    var advisoryIDs: [String] {
        var seen: Set<String> = []
        return (self.platformAdvisoryIDs + self.qeAdvisoryIDs).filter { seen.insert($0).inserted }
    }
}

extension TCBStatus {
    /// A platform's status in the light of the status of an enclave it depends on.
    func converged(with enclave: TCBStatus) -> TCBStatus {
        switch enclave {
        case .upToDate: return self
        case .revoked: return .revoked
        default: break  // Anything else counts as out of date.
        }
        switch self {
        case .upToDate, .swHardeningNeeded: return .outOfDate
        case .configurationNeeded, .configurationAndSWHardeningNeeded: return .outOfDateConfigurationNeeded
        case .outOfDate, .outOfDateConfigurationNeeded, .revoked, .tdRelaunchAdvised, .tdRelaunchAdvisedConfigurationNeeded: return self
        }
    }
}
