// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

/// What the report of an enclave says.
struct EnclaveSummary: Encodable {
    let mrEnclave: String
    let mrSigner: String
    let isvProdID: UInt16
    let isvSVN: UInt16
    let attributes: String
    let miscSelect: UInt32
    let cpuSVN: String
    let configID: String
    let configSVN: UInt16
    let extendedProductID: String
    let familyID: String

    init(_ report: EnclaveReport) {
        self.mrEnclave = report.mrEnclave.hexString
        self.mrSigner = report.mrSigner.hexString
        self.isvProdID = report.isvProdID
        self.isvSVN = report.isvSVN
        self.attributes = report.attributes.bytes.hexString
        self.miscSelect = report.miscSelect
        self.cpuSVN = report.cpuSVN.hexString
        self.configID = report.configID.hexString
        self.configSVN = report.configSVN
        self.extendedProductID = report.extendedProductID.hexString
        self.familyID = report.familyID.hexString
    }

    var text: String {
        """
        MRENCLAVE    \(self.mrEnclave)
        MRSIGNER     \(self.mrSigner)
        ISVPRODID    \(self.isvProdID)
        ISVSVN       \(self.isvSVN)
        attributes   \(self.attributes)
        CPUSVN       \(self.cpuSVN)
        """
    }
}
