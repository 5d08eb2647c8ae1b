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

    init(level: TCBLevel, qeLevel: QEIdentity.Level) {
        self.platform = level.status
        self.quotingEnclave = qeLevel.status
        self.date = level.date
        self.platformAdvisoryIDs = level.advisoryIDs
        self.qeAdvisoryIDs = qeLevel.advisoryIDs
    }

    /// Both together.
    var status: TCBStatus { self.platform.converged(with: self.quotingEnclave) }

    /// Both lists, without duplicates, the platform's first.
    var advisoryIDs: [String] { self.platformAdvisoryIDs + self.qeAdvisoryIDs.filter { !self.platformAdvisoryIDs.contains($0) } }
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
