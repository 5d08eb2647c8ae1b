// SPDX-License-Identifier: Apache-2.0

/// A trust domain that would be up to date if it were started again: its platform is, its TDX module was replaced, and only the module that
/// it was started under is behind (Intel DCAP, TD relaunch).
struct TDRelaunch: Hashable, Sendable {
    /// Whether the platform's configuration has to be changed, too.
    let needsConfiguration: Bool

    /// `nil` where starting the trust domain again would not help, or nothing is the matter.
    ///
    /// - Parameters:
    ///   - level: the TDX level that the trust domain is at.
    ///   - module: the level of the module that it was started under; `nil` for modules without a version.
    ///   - qeLevel: the quoting enclave's level.
    ///   - current: versions of the module that is loaded now.
    ///   - sgxStatus: status of the level that the platform reaches by its SGX components alone.
    ///   - tcbInfo: where the highest levels are found.
    init?(level: TCBLevel, module: ISVSVNLevel?, qeLevel: ISVSVNLevel, current: TEETCBSVN, sgxStatus: TCBStatus?, tcbInfo: TCBInfo) {
        let status = TCBEvaluation(level: level, module: module).status
        guard qeLevel.status == .upToDate, module?.status == .outOfDate, [.outOfDate, .outOfDateConfigurationNeeded].contains(status),
            let sgxStatus, Self.notBehind.contains(sgxStatus), Self.isNewest(current, tcbInfo: tcbInfo)
        else { return nil }
        self.needsConfiguration = Self.needingConfiguration.contains(sgxStatus) || Self.needingConfiguration.contains(status)
    }

    /// Statuses of a platform that is not behind.
    private static let notBehind: Set<TCBStatus> = [.upToDate, .swHardeningNeeded, .configurationNeeded, .configurationAndSWHardeningNeeded]
    /// Statuses that ask for another configuration.
    private static let needingConfiguration: Set<TCBStatus> = [
        .configurationNeeded, .configurationAndSWHardeningNeeded, .outOfDateConfigurationNeeded,
    ]

    /// Whether the module that is loaded now is at the highest level.
    private static func isNewest(_ current: TEETCBSVN, tcbInfo: TCBInfo) -> Bool {
        guard let highest = tcbInfo.levels.first, current.loaderSVN >= highest.tdxComponents[2] else { return false }
        guard current.moduleVersion > 0 else { return current.moduleISVSVN >= highest.tdxComponents[0] }
        guard let newest = tcbInfo.tdxModuleIdentity(of: current)?.levels.first else { return false }
        return UInt16(current.moduleISVSVN) >= newest.isvSVN
    }

    /// What the trust domain's status is.
    var status: TCBStatus { self.needsConfiguration ? .tdRelaunchAdvisedConfigurationNeeded : .tdRelaunchAdvised }
}
