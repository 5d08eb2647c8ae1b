// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import TestSupport
import Testing

/// One entry of a vector set: what goes into a verification and what has to come out.
struct VectorCase: Sendable, CustomTestStringConvertible {
    let id: String
    let quote: String
    let collateral: [String: String]
    let root: String
    let time: Date
    /// A TCB status, or "reject".
    let recommended: String
    /// Absent where no reference gave any.
    let advisoryIDs: [String]?
    let isDebug: Bool
    /// Fields of the report by the set's names, in hexadecimal digits or decimal.
    var body: [String: String] = [:]
    let folder: String

    var testDescription: String { self.id }

    func quoteBytes() throws -> [UInt8] { try SharedVectors.read("\(self.folder)/\(self.quote)") }

    func verifier() throws -> QuoteVerifier {
        let der = try SharedVectors.read("\(self.folder)/\(self.root)")
        return QuoteVerifier(roots: [RootOfTrust(certificateDER: der, kind: .custom)])
    }

    func collateralBytes() throws -> Collateral {
        func piece(_ name: String) throws -> [UInt8] {
            try SharedVectors.read("\(self.folder)/\(self.collateral[name]!)")
        }
        return Collateral(
            tcbInfo: try piece("tcb_info"), tcbInfoIssuerChain: try piece("tcb_info_issuer_chain"), qeIdentity: try piece("qe_identity"),
            qeIdentityIssuerChain: try piece("qe_identity_issuer_chain"), pckCRL: try piece("pck_crl"), pckCRLIssuerChain: [],
            rootCACRL: try piece("root_ca_crl"), pckChain: self.collateral["pck_chain"] == nil ? nil : try piece("pck_chain"))
    }

    func verify() throws -> VerificationOutcome {
        try self.verifier().verify(encodedQuote: try self.quoteBytes(), collateral: try self.collateralBytes(), at: self.time)
    }
}

extension Quote {
    /// The fields of the report by the names and in the forms that the vector sets use.
    var reportFields: [String: String] {
        switch self.body {
        case .enclave(let report):
            [
                "mr_enclave": report.mrEnclave.hexString, "mr_signer": report.mrSigner.hexString, "isv_prod_id": "\(report.isvProdID)",
                "isv_svn": "\(report.isvSVN)", "attributes": report.attributes.bytes.map { String(format: "%02x", $0) }.joined(),
                "misc_select": "\(report.miscSelect)", "cpu_svn": report.cpuSVN.hexString, "report_data": report.reportData.hexString,
            ]
        case .trustDomain(let report):
            [
                "tee_tcb_svn": report.teeTCBSVN.hexString, "mr_seam": report.mrSeam.hexString, "mr_signer_seam": report.mrSignerSeam.hexString,
                "seam_attributes": report.seamAttributes.hexString, "td_attributes": report.tdAttributes.hexString, "xfam": report.xfam.hexString,
                "mr_td": report.mrTD.hexString, "mr_config_id": report.mrConfigID.hexString, "mr_owner": report.mrOwner.hexString,
                "mr_owner_config": report.mrOwnerConfig.hexString, "rtmr0": report.rtmrs[0].hexString, "rtmr1": report.rtmrs[1].hexString,
                "rtmr2": report.rtmrs[2].hexString, "rtmr3": report.rtmrs[3].hexString, "report_data": report.reportData.hexString,
                "tee_tcb_svn2": report.current?.teeTCBSVN2.hexString ?? "", "mr_service_td": report.current?.mrServiceTD.hexString ?? "",
            ]
        }
    }
}
