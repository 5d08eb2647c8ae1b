// SPDX-License-Identifier: Apache-2.0

extension Verification {
    /// Both revocation lists: authentic, then what they revoke, then that certificates and lists are current.
    mutating func checkRevocationLists(_ pck: TrustedPCKChain) throws(Stop) -> CertificateRevocationList {
        let rootSource = "collateral, root CA revocation list"
        let pckSource = "collateral, PCK revocation list"
        let rootCRL = try self.checkAuthentic(
            self.collateral.rootCACRL, issuer: pck.rootCertificate, ids: (.rootCRLFormat, .rootCRLIssuer, .rootCRLSignature), source: rootSource)
        let pckCRL = try self.checkAuthentic(
            self.collateral.pckCRL, issuer: pck.authority, ids: (.pckCRLFormat, .pckCRLIssuer, .pckCRLSignature), source: pckSource)

        try self.checkNotRevoked(.rootCRLRevocation, [pck.authority, pck.rootCertificate], by: rootCRL, source: rootSource)
        try self.checkNotRevoked(.pckCRLRevocation, [pck.leaf], by: pckCRL, source: pckSource)
        self.noteValidity(.pckChainValidity, chain: pck.chain, source: "PCK chain")
        self.noteValidity(
            .rootCRLFreshness, from: rootCRL.thisUpdate, until: rootCRL.nextUpdate, what: "revocation list", source: rootSource,
            remedy: Remedies.refreshCache)
        self.noteValidity(
            .pckCRLFreshness, from: pckCRL.thisUpdate, until: pckCRL.nextUpdate, what: "revocation list", source: pckSource,
            remedy: Remedies.refreshCache)
        return rootCRL
    }

    /// Decodes a list and checks that `issuer` made it.
    private mutating func checkAuthentic(
        _ piece: DecodedCollateral.Piece<CertificateRevocationList>, issuer: PKICertificate,
        ids: (format: Check.ID, issuer: Check.ID, signature: Check.ID), source: String
    ) throws(Stop) -> CertificateRevocationList {
        let list = try self.decode(
            ids.format, expected: "an X.509 revocation list of version 2: DER, PEM or hexadecimal", source: source,
            found: { (list: CertificateRevocationList) in "\(list.revoked.count) revoked certificates" }
        ) { () throws(CollateralError) in try piece.get() }
        try self.require(
            ids.issuer, list.issuer == issuer.subject, expected: "a list of \"\(issuer.commonName)\"",
            found: "a list of \"\(list.issuerCommonName)\"", source: source, remedy: Remedies.wrongCRL)
        let isSigned =
            list.signatureAlgorithms.allSatisfy { $0.elementsEqual(ECDSAProfile.signatureAlgorithm) }
            && self.checker.isValid(.der(list.signature), over: list.signedDigest, by: issuer.publicKey)
        try self.require(
            ids.signature, isSigned, expected: "signature by \"\(issuer.commonName)\", ecdsa-with-SHA256",
            found: isSigned ? "a good one" : "one that is not", source: source, remedy: Remedies.refetch)
        return list
    }

    mutating func checkNotRevoked(
        _ id: Check.ID, _ certificates: [PKICertificate], by list: CertificateRevocationList, source: String
    ) throws(Stop) {
        let revoked = certificates.first { list.revokes($0) }
        try self.require(
            id, revoked == nil, expected: "not in the list: \(certificates.map { "\"\($0.commonName)\"" }.joined(separator: ", "))",
            found: revoked.map { "\"\($0.commonName)\" with serial number \($0.serialNumber.hexString) is revoked" } ?? "not revoked",
            source: source, remedy: Remedies.revoked)
    }
}
