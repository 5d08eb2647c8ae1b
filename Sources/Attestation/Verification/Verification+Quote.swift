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

    /// The platform's PCK key signed the quoting enclave's report, and that report binds the attestation key.
    mutating func checkQEReport(_ quote: Quote, pck: TrustedPCKChain) throws(Stop) {
        let isSigned = pck.leaf.publicKey.map { ECDSAProfile.isValid(quote.qeReportSignature, over: quote.qeReportBytes[...], by: $0) } == true
        try self.require(
            .qeReportSignature, isSigned, expected: "signature by the PCK certificate's key", found: isSigned ? "a good one" : "one that is not",
            source: "quote, QE report", remedy: Remedies.badQuote)

        let digest = Array(SHA256.hash(data: quote.attestationKey.bytes + quote.qeAuthenticationData))
        let expected = digest + [UInt8](repeating: 0, count: ReportData.size - digest.count)
        try self.require(
            .qeReportKeyBinding, quote.qeReport.reportData.bytes == expected,
            expected: "report data \(expected.hexString): the digest of attestation key and QE authentication data, then zeros",
            found: "report data \(quote.qeReport.reportData)", source: "quote, QE report", remedy: Remedies.badQuote)
    }

    /// The quoting enclave is the one Intel describes; returns the level it is at.
    mutating func checkQuotingEnclave(_ quote: Quote, identity: QEIdentity) throws(Stop) -> QEIdentity.Level {
        let report = quote.qeReport
        let source = "quote, QE report"
        try self.require(
            .qeIdentityID, identity.id == Self.quotingEnclaveID, expected: "identity of \(Self.quotingEnclaveID)",
            found: "identity of \(identity.id)", source: "collateral, QE identity", remedy: "fetch the QE identity for SGX (qe/identity)")
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
        return try self.findQELevel(isvSVN: report.isvSVN, identity: identity)
    }

    private static let quotingEnclaveID = "QE"

    /// (value & mask) == expected, and nothing expected outside the mask.
    private mutating func checkMasked(_ id: Check.ID, value: [UInt8], expected: [UInt8], mask: [UInt8], source: String) throws(Stop) {
        let masked = zip(value, mask).map { $0 & $1 }
        try self.require(
            id, masked == expected, expected: "\(expected.hexString) under the mask \(mask.hexString)",
            found: value.hexString, source: source, remedy: Remedies.badQuote)
    }

    private mutating func findQELevel(isvSVN: UInt16, identity: QEIdentity) throws(Stop) -> QEIdentity.Level {
        let lowest = identity.levels.map(\.isvSVN).min() ?? 0
        guard let level = identity.levels.first(where: { $0.isvSVN <= isvSVN }) else {
            self.recorder.fail(
                .qeIdentityTCBLevel, expected: "ISVSVN \(lowest) or higher", found: "ISVSVN \(isvSVN)", source: "quote, QE report",
                remedy: Remedies.updateQE)
            throw Stop()
        }
        self.recorder.pass(
            .qeIdentityTCBLevel, found: "ISVSVN \(isvSVN), level \(level.isvSVN): \(level.status.rawValue)", expected: "ISVSVN \(lowest) or higher",
            source: "quote, QE report")
        return level
    }

    mutating func checkQuoteSignature(_ quote: Quote, key: P256.Signing.PublicKey) throws(Stop) {
        let isSigned = ECDSAProfile.isValid(quote.signature, over: quote.signedBytes, by: key)
        try self.require(
            .quoteSignature, isSigned, expected: "signature by the attestation key over header and body",
            found: isSigned ? "a good one" : "one that is not", source: "quote", remedy: Remedies.badQuote)
    }

    /// The level that the platform reaches, and what that amounts to with the quoting enclave's.
    mutating func checkTCB(platform: SGXPlatform, tcbInfo: TCBInfo, qeLevel: QEIdentity.Level) throws(Stop) -> TCBEvaluation {
        let source = "PCK certificate, TCB"
        let found = "components \(platform.tcbComponents.hexString), PCESVN \(platform.pceSVN)"
        guard let level = tcbInfo.levels.first(where: { $0.isReached(by: platform) }) else {
            let lowest = tcbInfo.levels.last.map { "components \($0.sgxComponents.hexString), PCESVN \($0.pceSVN)" } ?? "a level"
            self.recorder.fail(.tcbLevel, expected: "at least \(lowest)", found: found, source: source, remedy: Remedies.updatePlatform)
            throw Stop()
        }
        self.recorder.pass(.tcbLevel, found: "\(found): level of \(level.date.reportText), \(level.status.rawValue)", source: source)

        let evaluation = TCBEvaluation(level: level, qeLevel: qeLevel)
        self.tcb = evaluation
        try self.require(
            .tcbStatus, evaluation.status != .revoked, expected: "any status but Revoked",
            found: "\(evaluation.status.rawValue) (platform \(evaluation.platform.rawValue), quoting enclave \(evaluation.quotingEnclave.rawValue))",
            source: "TCB info and QE identity", remedy: Remedies.revoked)
        return evaluation
    }
}

extension UInt32 {
    fileprivate var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> UInt32(8 * $0)) } }
}
