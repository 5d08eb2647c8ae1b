// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An entry of a bundle as it stands in JSON.
struct BundledCollateral: Codable {
    private var tee: TEE?
    private var fmspc: FMSPC?
    private var ca: SGXPlatform.CertificateAuthority?
    private var fetchedAt: String?
    private var source: String?
    private var tcbInfo: String
    /// Only in the form of `dcap-qvl`, whose `tcb_info` is what is signed without its envelope.
    private var tcbInfoSignature: String?
    private var tcbInfoIssuerChain: String
    private var qeIdentity: String
    /// Only in the form of `dcap-qvl`.
    private var qeIdentitySignature: String?
    private var qeIdentityIssuerChain: String
    private var pckCRL: String
    private var pckCRLIssuerChain: String?
    private var rootCACRL: String
    private var pckCertificateChain: String?

    private enum CodingKeys: String, CodingKey {
        case tee, fmspc, ca, source
        case fetchedAt = "fetched_at"
        case tcbInfo = "tcb_info"
        case tcbInfoSignature = "tcb_info_signature"
        case tcbInfoIssuerChain = "tcb_info_issuer_chain"
        case qeIdentity = "qe_identity"
        case qeIdentitySignature = "qe_identity_signature"
        case qeIdentityIssuerChain = "qe_identity_issuer_chain"
        case pckCRL = "pck_crl"
        case pckCRLIssuerChain = "pck_crl_issuer_chain"
        case rootCACRL = "root_ca_crl"
        case pckCertificateChain = "pck_certificate_chain"
    }

    /// What entries are sorted by.
    var order: String { "\(self.fmspc?.hexString ?? "") \(self.tee?.rawValue ?? "") \(self.ca?.rawValue ?? "")" }

    init(_ entry: CollateralEntry) throws(CollateralBundleError) {
        let collateral = entry.collateral
        self.tee = entry.key.tee
        self.fmspc = entry.key.fmspc
        self.ca = entry.key.certificateAuthority
        self.fetchedAt = entry.fetchedAt.reportText
        self.source = entry.source
        self.tcbInfo = try Self.text(collateral.tcbInfo, "TCB info")
        self.tcbInfoIssuerChain = try Self.text(collateral.tcbInfoIssuerChain, "issuer chain of the TCB info")
        self.qeIdentity = try Self.text(collateral.qeIdentity, "QE identity")
        self.qeIdentityIssuerChain = try Self.text(collateral.qeIdentityIssuerChain, "issuer chain of the QE identity")
        self.pckCRL = collateral.pckCRL.hexString
        self.pckCRLIssuerChain = try Self.text(collateral.pckCRLIssuerChain, "issuer chain of the PCK revocation list")
        self.rootCACRL = collateral.rootCACRL.hexString
        if let chain = collateral.pckChain { self.pckCertificateChain = try Self.text(chain, "PCK certificate chain") }
    }

    /// The entry of one of our bundles.
    func entry() throws(CollateralBundleError) -> CollateralEntry {
        guard let tee = self.tee, let fmspc = self.fmspc, let authority = self.ca else {
            throw CollateralBundleError(.malformed, "an entry lacks \"tee\", \"fmspc\" or \"ca\"")
        }
        guard let fetchedAt = self.fetchedAt.flatMap(CivilTime.date(iso8601:)) else {
            throw CollateralBundleError(.malformed, "\"fetched_at\" of \(fmspc) is not a time such as 2026-01-31T00:00:00Z")
        }
        return CollateralEntry(
            key: CollateralKey(tee: tee, fmspc: fmspc, certificateAuthority: authority), collateral: try self.collateral(), fetchedAt: fetchedAt,
            source: self.source ?? "")
    }

    /// The entry of a single object without a key, which is read out of the collateral itself.
    func entryOfQVL() throws -> CollateralEntry {
        let collateral = try self.collateral()
        let body = try TCBInfo(SignedJSON(decoding: collateral.tcbInfo, body: "tcbInfo").body)
        let issuer = try CertificateRevocationList(decoding: collateral.pckCRL).issuerCommonName
        let key = CollateralKey(tee: body.tee, fmspc: body.fmspc, certificateAuthority: issuer.contains("Processor") ? .processor : .platform)
        return CollateralEntry(key: key, collateral: collateral, fetchedAt: body.issueDate, source: "")
    }

    private func collateral() throws(CollateralBundleError) -> Collateral {
        Collateral(
            tcbInfo: Self.enveloped(self.tcbInfo, as: "tcbInfo", signature: self.tcbInfoSignature),
            tcbInfoIssuerChain: Array(self.tcbInfoIssuerChain.utf8),
            qeIdentity: Self.enveloped(self.qeIdentity, as: "enclaveIdentity", signature: self.qeIdentitySignature),
            qeIdentityIssuerChain: Array(self.qeIdentityIssuerChain.utf8),
            pckCRL: try Self.bytes(self.pckCRL, "pck_crl"), pckCRLIssuerChain: Array((self.pckCRLIssuerChain ?? "").utf8),
            rootCACRL: try Self.bytes(self.rootCACRL, "root_ca_crl"), pckChain: self.pckCertificateChain.map { Array($0.utf8) })
    }

    /// The signed envelope as services send it; what is signed stays as it is.
    private static func enveloped(_ body: String, as name: String, signature: String?) -> [UInt8] {
        guard let signature else { return Array(body.utf8) }
        return Array("{\"\(name)\":\(body),\"signature\":\"\(signature)\"}".utf8)
    }

    private static func text(_ bytes: [UInt8], _ what: String) throws(CollateralBundleError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw CollateralBundleError(.notText, "the \(what) is not UTF-8 text") }
        return text
    }

    private static func bytes(_ digits: String, _ name: String) throws(CollateralBundleError) -> [UInt8] {
        if digits.hasPrefix("-----BEGIN") { return Array(digits.utf8) }
        guard let bytes = [UInt8](hex: digits) else { throw CollateralBundleError(.malformed, "\"\(name)\" is neither hexadecimal digits nor PEM") }
        return bytes
    }
}
