// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

/// What a quote says, for `quote show` and `quote verify`; bytes are lower-case hexadecimal.
struct QuoteSummary: Encodable {
    let tee: String
    let version: UInt16
    let mrEnclave: String
    let mrSigner: String
    let isvProdID: UInt16
    let isvSVN: UInt16
    let reportData: String
    let debug: Bool
    let attributes: String
    let miscSelect: UInt32
    let cpuSVN: String
    let configID: String
    let configSVN: UInt16
    let extendedProductID: String
    let familyID: String
    let qeIdentifier: String
    let certificationDataType: UInt16

    init(_ quote: Quote) {
        let report = quote.enclaveReport
        self.tee = quote.header.tee.rawValue
        self.version = quote.header.version
        self.mrEnclave = report.mrEnclave.hexString
        self.mrSigner = report.mrSigner.hexString
        self.isvProdID = report.isvProdID
        self.isvSVN = report.isvSVN
        self.reportData = report.reportData.hexString
        self.debug = report.attributes.isDebug
        self.attributes = report.attributes.bytes.hexString
        self.miscSelect = report.miscSelect
        self.cpuSVN = report.cpuSVN.hexString
        self.configID = report.configID.hexString
        self.configSVN = report.configSVN
        self.extendedProductID = report.extendedProductID.hexString
        self.familyID = report.familyID.hexString
        self.qeIdentifier = quote.header.qeIdentifier.hexString
        self.certificationDataType = quote.certificationData.kind.rawValue
    }

    /// A line for each of the more important fields.
    var text: String {
        """
        TEE          \(self.tee), quote version \(self.version)\(self.debug ? ", DEBUG: protects nothing" : "")
        MRENCLAVE    \(self.mrEnclave)
        MRSIGNER     \(self.mrSigner)
        ISVPRODID    \(self.isvProdID)
        ISVSVN       \(self.isvSVN)
        report data  \(self.reportData)
        attributes   \(self.attributes)
        CPUSVN       \(self.cpuSVN)
        """
    }
}
