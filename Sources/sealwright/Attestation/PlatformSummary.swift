// SPDX-License-Identifier: Apache-2.0

import Attestation

/// What a PCK certificate says about its platform, under the names that Intel's services use.
struct PlatformSummary: Encodable {
    let fmspc: String
    let pceid: String
    let pcesvn: UInt16
    let cpusvn: String
    let ppid: String
    let ca: String
    let sgxType: Int
    let platformInstanceID: String?
    let dynamicPlatform: Bool?
    let cachedKeys: Bool?
    let smtEnabled: Bool?

    init(_ platform: SGXPlatform) {
        self.fmspc = platform.fmspc.hexString
        self.pceid = platform.pceID.hexString
        self.pcesvn = platform.pceSVN
        self.cpusvn = platform.cpuSVN.hexString
        self.ppid = platform.ppid.hexString
        self.ca = platform.certificateAuthority.rawValue
        self.sgxType = platform.memoryProtection.rawValue
        self.platformInstanceID = platform.platformInstanceID?.hexString
        self.dynamicPlatform = platform.isDynamicPlatform
        self.cachedKeys = platform.hasCachedKeys
        self.smtEnabled = platform.isSMTEnabled
    }

    var text: String { "platform     FMSPC \(self.fmspc), PCEID \(self.pceid), PCESVN \(self.pcesvn), CPUSVN \(self.cpusvn), CA \(self.ca)" }
}
