// SPDX-License-Identifier: Apache-2.0

/// Collateral whose pieces are decoded, once for any number of verifications.
///
/// Decoded is not verified: nothing here is trusted. A piece that cannot be decoded is kept as the reason why, and fails the check which needs it.
public struct DecodedCollateral: Sendable {
    /// What a piece is: decoded, or the reason why not.
    typealias Piece<Value> = Result<Value, CollateralError>

    let tcbInfo: SignedDocument<TCBInfo>
    let tcbInfoIssuerChain: Piece<CertificateChain>
    let qeIdentity: SignedDocument<QEIdentity>
    let qeIdentityIssuerChain: Piece<CertificateChain>
    let pckCRL: Piece<CertificateRevocationList>
    let rootCACRL: Piece<CertificateRevocationList>
    /// The PCK chain as given: its text, which is decoded when a quote needs it.
    let pckChain: [UInt8]?

    /// An envelope, and the statement in it.
    struct SignedDocument<Statement: Sendable>: Sendable {
        let envelope: Piece<SignedJSON>
        let statement: Piece<Statement>

        init(decoding bytes: [UInt8], body: String, _ read: (JSONObject) throws(CollateralError) -> Statement) {
            let envelope = Piece.of { () throws(CollateralError) in try SignedJSON(decoding: bytes, body: body) }
            self.envelope = envelope
            self.statement = Piece.of { () throws(CollateralError) in try read(envelope.get().body) }
        }
    }

    /// Decodes collateral; each piece for itself.
    public init(_ collateral: Collateral) {
        self.tcbInfo = SignedDocument(decoding: collateral.tcbInfo, body: "tcbInfo", TCBInfo.init)
        self.qeIdentity = SignedDocument(decoding: collateral.qeIdentity, body: "enclaveIdentity", QEIdentity.init)
        self.tcbInfoIssuerChain = Self.signingChain(collateral.tcbInfoIssuerChain)
        self.qeIdentityIssuerChain =
            collateral.qeIdentityIssuerChain == collateral.tcbInfoIssuerChain
            ? self.tcbInfoIssuerChain : Self.signingChain(collateral.qeIdentityIssuerChain)
        self.pckCRL = Piece.of { () throws(CollateralError) in try CertificateRevocationList(decoding: collateral.pckCRL) }
        self.rootCACRL = Piece.of { () throws(CollateralError) in try CertificateRevocationList(decoding: collateral.rootCACRL) }
        self.pckChain = collateral.pckChain
    }

    private static func signingChain(_ pem: [UInt8]) -> Piece<CertificateChain> {
        Piece.of { () throws(CollateralError) in try CertificateChain(pem: pem, roles: .tcbSigning) }
    }
}

extension Result where Failure == CollateralError {
    /// The result of decoding something.
    fileprivate static func of(_ body: () throws(CollateralError) -> Success) -> Self {
        do { return .success(try body()) } catch { return .failure(error) }
    }
}
