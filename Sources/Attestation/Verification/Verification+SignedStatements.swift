// SPDX-License-Identifier: Apache-2.0

extension Verification {
    mutating func checkTCBInfo(signer: CertificateChain) throws(Stop) -> TCBInfo {
        let source = "collateral, TCB info"
        try self.checkSigned(
            self.collateral.tcbInfo.envelope, body: "tcbInfo", signer: signer, ids: (.tcbInfoFormat, .tcbInfoSignature), source: source)
        let tcbInfo = try self.decode(
            .tcbInfoContent, expected: "TCB info of version 2 or 3 with all its fields", source: source,
            found: { (info: TCBInfo) in
                "version \(info.version), \(info.levels.count) TCB levels, evaluation data number \(info.evaluationDataNumber)"
            }
        ) { [piece = self.collateral.tcbInfo.statement] () throws(CollateralError) in try piece.get() }
        self.noteValidity(
            .tcbInfoFreshness, from: tcbInfo.issueDate, until: tcbInfo.nextUpdate, what: "TCB info", source: source, remedy: Remedies.refreshCache)
        return tcbInfo
    }

    mutating func checkQEIdentity(signer: CertificateChain) throws(Stop) -> QEIdentity {
        let source = "collateral, QE identity"
        try self.checkSigned(
            self.collateral.qeIdentity.envelope, body: "enclaveIdentity", signer: signer, ids: (.qeIdentityFormat, .qeIdentitySignature),
            source: source)
        let identity = try self.decode(
            .qeIdentityContent, expected: "enclave identity of version 2 with all its fields", source: source,
            found: { (identity: QEIdentity) in
                "identity of \(identity.id), \(identity.levels.count) levels, evaluation data number \(identity.evaluationDataNumber)"
            }
        ) { [piece = self.collateral.qeIdentity.statement] () throws(CollateralError) in try piece.get() }
        self.noteValidity(
            .qeIdentityFreshness, from: identity.issueDate, until: identity.nextUpdate, what: "QE identity", source: source,
            remedy: Remedies.refreshCache)
        return identity
    }

    /// Decodes an envelope and checks the signature over its body's bytes as received.
    private mutating func checkSigned(
        _ envelope: DecodedCollateral.Piece<SignedJSON>, body: String, signer: CertificateChain, ids: (format: Check.ID, signature: Check.ID),
        source: String
    ) throws(Stop) {
        let signed = try self.decode(
            ids.format, expected: "{\"\(body)\": {...}, \"signature\": \"128 hexadecimal digits\"}", source: source,
            found: { (signed: SignedJSON) in "\(signed.signedSize) signed bytes" }
        ) { () throws(CollateralError) in try envelope.get() }
        let leaf = signer.leaf
        let isSigned = self.checker.isValid(.raw(signed.signature), over: signed.signedDigest, by: leaf.publicKey)
        try self.require(
            ids.signature, isSigned, expected: "signature by \"\(leaf.commonName)\" over the body as received",
            found: isSigned ? "a good one" : "one that is not", source: source,
            remedy: "fetch the collateral again and keep its bytes unchanged: reformatting the JSON breaks its signature")
    }
}
