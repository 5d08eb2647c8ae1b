// SPDX-License-Identifier: Apache-2.0

import Attestation

/// What the report of a trust domain says.
struct TrustDomainSummary: Encodable {
    let teeTCBSVN: String
    let mrSeam: String
    let mrSignerSeam: String
    let seamAttributes: String
    let tdAttributes: String
    let xfam: String
    let mrTD: String
    let mrConfigID: String
    let mrOwner: String
    let mrOwnerConfig: String
    let rtmr0: String
    let rtmr1: String
    let rtmr2: String
    let rtmr3: String
    let teeTCBSVN2: String?
    let mrServiceTD: String?

    init(_ report: TDReport) {
        self.teeTCBSVN = report.teeTCBSVN.hexString
        self.mrSeam = report.mrSeam.hexString
        self.mrSignerSeam = report.mrSignerSeam.hexString
        self.seamAttributes = report.seamAttributes.hexString
        self.tdAttributes = report.tdAttributes.hexString
        self.xfam = report.xfam.hexString
        self.mrTD = report.mrTD.hexString
        self.mrConfigID = report.mrConfigID.hexString
        self.mrOwner = report.mrOwner.hexString
        self.mrOwnerConfig = report.mrOwnerConfig.hexString
        self.rtmr0 = report.rtmrs[0].hexString
        self.rtmr1 = report.rtmrs[1].hexString
        self.rtmr2 = report.rtmrs[2].hexString
        self.rtmr3 = report.rtmrs[3].hexString
        self.teeTCBSVN2 = report.current?.teeTCBSVN2.hexString
        self.mrServiceTD = report.current?.mrServiceTD.hexString
    }

    var text: String {
        let current = self.teeTCBSVN2.map { "\nTEE_TCB_SVN2 \($0)" } ?? ""
        let service = self.mrServiceTD.map { "\nMRSERVICETD  \($0)" } ?? ""
        return """
            MRTD         \(self.mrTD)
            RTMR0        \(self.rtmr0)
            RTMR1        \(self.rtmr1)
            RTMR2        \(self.rtmr2)
            RTMR3        \(self.rtmr3)
            MRSEAM       \(self.mrSeam)
            TDATTRIBUTES \(self.tdAttributes)
            XFAM         \(self.xfam)
            TEE_TCB_SVN  \(self.teeTCBSVN)\(current)\(service)
            """
    }
}
