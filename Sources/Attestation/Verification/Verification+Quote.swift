// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto

extension Verification {
    /// The TCB info is about this platform.
    mutating func checkTCBInfoFits(_ tcbInfo: TCBInfo, quote: Quote, platform: SGXPlatform) throws(Stop) {
        let source = "collateral, TCB info"
        try self.require(
            .tcbInfoTEE, tcbInfo.tee == quote.header.tee, expected: "TCB info for \(quote.header.tee.rawValue)",
            found: "TCB info for \(tcbInfo.tee.rawValue)", source: source, remedy: "fetch the TCB info for \(quote.header.tee.rawValue)")
        try self.require(
            .tcbInfoFMSPC, tcbInfo.fmspc == platform.fmspc, expected: "FMSPC \(platform.fmspc), as in the PCK certificate",
            found: "FMSPC \(tcbInfo.fmspc)", source: source, remedy: Remedies.otherPlatform)
        try self.require(
            .tcbInfoPCEID, tcbInfo.pceID == platform.pceID, expected: "PCEID \(platform.pceID), as in the PCK certificate",
            found: "PCEID \(tcbInfo.pceID)", source: source, remedy: Remedies.otherPlatform)
    }

    /// The platform's PCK key signed the quoting enclave's report.
    mutating func checkQEReportSignature(_ quote: Quote, pck: TrustedPCKChain) throws(Stop) {
        let isSigned = self.checker.isValid(
            .raw(quote.qeReportSignature), over: SHA256.hash(data: quote.qeReportBytes), by: pck.leaf.publicKey)
        try self.require(
            .qeReportSignature, isSigned, expected: "signature by the PCK certificate's key", found: isSigned ? "a good one" : "one that is not",
            source: "quote, QE report", remedy: Remedies.badQuote)
    }

    /// The quoting enclave's report binds the attestation key.
    mutating func checkAttestationKeyBinding(_ quote: Quote) throws(Stop) {
        let digest = Array(SHA256.hash(data: quote.attestationKey.bytes + quote.qeAuthenticationData))
        let expected = digest + [UInt8](repeating: 0, count: ReportData.size - digest.count)
        try self.require(
            .qeReportKeyBinding, quote.qeReport.reportData.bytes == expected,
            expected: "report data \(expected.hexString): the digest of attestation key and QE authentication data, then zeros",
            found: "report data \(quote.qeReport.reportData)", source: "quote, QE report", remedy: Remedies.badQuote)
    }

    /// The quoting enclave is the one Intel describes.
    mutating func checkQuotingEnclave(_ quote: Quote, identity: QEIdentity) throws(Stop) {
        let report = quote.qeReport
        let source = "quote, QE report"
        try self.require(
            .qeIdentityID, identity.id == quote.header.tee.quotingEnclaveID, expected: "identity of \(quote.header.tee.quotingEnclaveID)",
            found: "identity of \(identity.id)", source: "collateral, QE identity",
            remedy: "fetch the QE identity for \(quote.header.tee.rawValue) (qe/identity)")
        try self.checkMasked(
            .qeIdentityMiscSelect, value: report.miscSelect.littleEndianBytes, expected: identity.miscSelect.bytes,
            mask: identity.miscSelectMask.bytes, source: source)
        try self.checkMasked(
            .qeIdentityAttributes, value: report.attributes.bytes, expected: identity.attributes.bytes, mask: identity.attributesMask.bytes,
            source: source)
        try self.require(
            .qeIdentityMRSigner, report.mrSigner == identity.mrSigner, expected: "MRSIGNER \(identity.mrSigner)",
            found: "MRSIGNER \(report.mrSigner)", source: source, remedy: Remedies.badQuote)
        try self.require(
            .qeIdentityISVProdID, report.isvProdID == identity.isvProdID, expected: "ISVPRODID \(identity.isvProdID)",
            found: "ISVPRODID \(report.isvProdID)", source: source, remedy: Remedies.badQuote)
        try self.require(
            .qeReportDebug, !report.attributes.isDebug, expected: "a production enclave",
            found: report.attributes.isDebug ? "a debug enclave" : "a production enclave", source: source, remedy: Remedies.badQuote)
    }

    /// (value & mask) == expected, and nothing expected outside the mask.
    private mutating func checkMasked(_ id: Check.ID, value: [UInt8], expected: [UInt8], mask: [UInt8], source: String) throws(Stop) {
        let masked = zip(value, mask).map { $0 & $1 }
        try self.require(
            id, masked == expected, expected: "\(expected.hexString) under the mask \(mask.hexString)",
            found: value.hexString, source: source, remedy: Remedies.badQuote)
    }

    mutating func checkQuoteSignature(_ quote: Quote, key: VerifyingKey) throws(Stop) {
        // Never remembered, for each quote is another; but not checked twice in one verification either.
        let isSigned =
            self.isQuoteSignatureChecked
            || EncodedSignature.raw(quote.signature).isValid(over: SHA256.hash(data: quote.signedBytes), by: key)
        try self.require(
            .quoteSignature, isSigned, expected: "signature by the attestation key over header and body",
            found: isSigned ? "a good one" : "one that is not", source: "quote", remedy: Remedies.badQuote)
    }
}

extension TEE {
    /// What identities call the quoting enclave for this kind of TEE.
    fileprivate var quotingEnclaveID: String {
        switch self {
        case .sgx: "QE"
        case .tdx: "TD_QE"
        }
    }
}

extension UInt32 {
    fileprivate var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> UInt32(8 * $0)) } }
}
