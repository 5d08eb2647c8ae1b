// SPDX-License-Identifier: Apache-2.0

extension Verification {
    mutating func checkTCBInfo(signer: SigningChain) throws(Stop) -> TCBInfo {
        let source = "collateral, TCB info"
        let body = try self.checkSigned(
            self.collateral.tcbInfo, body: "tcbInfo", signer: signer, ids: (.tcbInfoFormat, .tcbInfoSignature), source: source)
        let tcbInfo = try self.decode(
            .tcbInfoContent, expected: "TCB info of version 2 or 3 with all its fields", source: source,
            found: { (info: TCBInfo) in
                "version \(info.version), \(info.levels.count) TCB levels, evaluation data number \(info.evaluationDataNumber)"
            }
        ) { () throws(CollateralError) in try TCBInfo(body) }
        try self.requireValid(
            .tcbInfoFreshness, from: tcbInfo.issueDate, until: tcbInfo.nextUpdate, what: "TCB info", source: source, remedy: Remedies.refreshCache)
        return tcbInfo
    }

    mutating func checkQEIdentity(signer: SigningChain) throws(Stop) -> QEIdentity {
        let source = "collateral, QE identity"
        let body = try self.checkSigned(
            self.collateral.qeIdentity, body: "enclaveIdentity", signer: signer, ids: (.qeIdentityFormat, .qeIdentitySignature), source: source)
        let identity = try self.decode(
            .qeIdentityContent, expected: "enclave identity of version 2 with all its fields", source: source,
            found: { (identity: QEIdentity) in
                "identity of \(identity.id), \(identity.levels.count) levels, evaluation data number \(identity.evaluationDataNumber)"
            }
        ) { () throws(CollateralError) in try QEIdentity(body) }
        try self.requireValid(
            .qeIdentityFreshness, from: identity.issueDate, until: identity.nextUpdate, what: "QE identity", source: source,
            remedy: Remedies.refreshCache)
        return identity
    }

    /// Decodes an envelope and checks the signature over its body's bytes as received.
    private mutating func checkSigned(
        _ envelope: [UInt8], body: String, signer: SigningChain, ids: (format: Check.ID, signature: Check.ID), source: String
    ) throws(Stop) -> JSONObject {
        let signed = try self.decode(
            ids.format, expected: "{\"\(body)\": {...}, \"signature\": \"128 hexadecimal digits\"}", source: source,
            found: { (signed: SignedJSON) in "\(signed.signedBytes.count) signed bytes" }
        ) { () throws(CollateralError) in try SignedJSON(decoding: envelope, body: body) }
        let leaf = signer.chain.leaf
        let isSigned = leaf.publicKey.map { ECDSAProfile.isValid(signed.signature, over: signed.signedBytes, by: $0) } == true
        try self.require(
            ids.signature, isSigned, expected: "signature by \"\(leaf.commonName)\" over the body as received",
            found: isSigned ? "a good one" : "one that is not", source: source,
            remedy: "fetch the collateral again and keep its bytes unchanged: reformatting the JSON breaks its signature")
        return signed.body
    }
}
