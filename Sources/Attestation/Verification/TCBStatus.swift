// SPDX-License-Identifier: Apache-2.0

/// How up to date a platform's trusted computing base is, in Intel's words.
public enum TCBStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// Everything is at the level Intel asks for.
    case upToDate = "UpToDate"
    /// The platform is current; the enclave's software has to be hardened against the advisories listed.
    case swHardeningNeeded = "SWHardeningNeeded"
    /// The platform needs another configuration (BIOS settings such as hyper-threading).
    case configurationNeeded = "ConfigurationNeeded"
    /// Both of these.
    case configurationAndSWHardeningNeeded = "ConfigurationAndSWHardeningNeeded"
    /// Microcode, firmware or the quoting enclave is behind.
    case outOfDate = "OutOfDate"
    /// Behind, and needs another configuration.
    case outOfDateConfigurationNeeded = "OutOfDateConfigurationNeeded"
    /// A trust domain started under an old TDX module and should be started again.
    case tdRelaunchAdvised = "TDRelaunchAdvised"
    /// The same, and the platform needs another configuration.
    case tdRelaunchAdvisedConfigurationNeeded = "TDRelaunchAdvisedConfigurationNeeded"
    /// Not to be trusted at all.
    case revoked = "Revoked"
}
