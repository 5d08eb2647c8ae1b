// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What platform, TDX module and quoting enclave amount to (Intel DCAP, TCB evaluation).
struct TCBEvaluation: Hashable, Sendable {
    /// Status of the platform's level.
    let platform: TCBStatus
    /// Status of the TDX module; `nil` for SGX.
    let module: TCBStatus?
    /// Status of the quoting enclave; `nil` where the platform alone decides.
    let quotingEnclave: TCBStatus?
    /// All together.
    let status: TCBStatus
    let date: Date
    let platformAdvisoryIDs: [String]
    let moduleAdvisoryIDs: [String]
    let qeAdvisoryIDs: [String]

    /// Evaluates an SGX platform.
    init(level: TCBLevel, qeLevel: ISVSVNLevel) {
        self.init(
            platform: level.status, quotingEnclave: qeLevel.status, date: level.date, advisories: (level.advisoryIDs, [], qeLevel.advisoryIDs))
    }

    /// Evaluates a TDX platform.
    ///
    /// A module without a version has no level and counts as up to date; without a quoting enclave's level the platform is evaluated alone.
    init(level: TCBLevel, module: ISVSVNLevel?, relaunch: TDRelaunch? = nil, qeLevel: ISVSVNLevel? = nil) {
        self.init(
            platform: level.status, module: module?.status ?? .upToDate, relaunch: relaunch, quotingEnclave: qeLevel?.status, date: level.date,
            advisories: (level.advisoryIDs, module?.advisoryIDs ?? [], qeLevel?.advisoryIDs ?? []))
    }

    init(
        platform: TCBStatus, module: TCBStatus? = nil, relaunch: TDRelaunch? = nil, quotingEnclave: TCBStatus?, date: Date,
        advisories: (platform: [String], module: [String], quotingEnclave: [String])
    ) {
        self.platform = platform
        self.module = module
        self.quotingEnclave = quotingEnclave
        let withModule = relaunch?.status ?? platform.converged(with: module ?? .upToDate)
        self.status = withModule.converged(with: quotingEnclave ?? .upToDate)
        self.date = date
        (self.platformAdvisoryIDs, self.moduleAdvisoryIDs, self.qeAdvisoryIDs) = advisories
    }

    /// All lists, without duplicates: the platform's first, then the module's, then the quoting enclave's.
    var advisoryIDs: [String] {
        var seen: Set<String> = []
        return (self.platformAdvisoryIDs + self.moduleAdvisoryIDs + self.qeAdvisoryIDs).filter { seen.insert($0).inserted }
    }

    /// For reports.
    var text: String {
        let module = self.module.map { ", TDX module \($0.rawValue)" } ?? ""
        let enclave = self.quotingEnclave.map { ", quoting enclave \($0.rawValue)" } ?? ""
        return "\(self.status.rawValue) (platform \(self.platform.rawValue)\(module)\(enclave))"
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
