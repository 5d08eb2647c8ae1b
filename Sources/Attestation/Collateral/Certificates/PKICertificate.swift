// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A decoded certificate of an attestation PKI, as written: nothing is judged but its form (RFC 5280 section 4.1).
///
/// Names are kept as their encoded bytes, since issuer and subject have to agree byte for byte.
struct PKICertificate: Sendable {
    /// Most bytes of a certificate.
    static let maximumSize = 16 * 1024

    let der: [UInt8]
    /// Digest of the whole encoding.
    let fingerprint: CertificateFingerprint
    /// Digest of the part that is signed.
    let signedDigest: SHA256Digest
    /// The version's number: 2 is version 3.
    let version: Int
    let serialNumber: SerialNumber
    let issuer: ArraySlice<UInt8>
    let subject: ArraySlice<UInt8>
    /// The subject's last common name.
    let commonName: String
    /// The issuer's last common name.
    let issuerCommonName: String
    let notBefore: Date
    let notAfter: Date
    /// The encoded algorithm identifiers inside and outside of what is signed.
    let signatureAlgorithms: [ArraySlice<UInt8>]
    let signature: ArraySlice<UInt8>
    /// The subject's key; `nil` unless it is on P-256.
    let publicKey: VerifyingKey?
    /// The encoded subject public key info.
    let publicKeyInfo: ArraySlice<UInt8>
    let extensions: [X509Extension]

    init(derEncoded der: [UInt8]) throws(CollateralError) {
        guard der.count <= Self.maximumSize else { throw CollateralError("certificate of \(der.count) bytes, at most \(Self.maximumSize)") }
        do {
            self = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
                guard let signed = nodes.next(), let algorithm = nodes.next() else { throw CollateralError("certificate is not complete") }
                let signature = try ASN1BitString(derEncoded: &nodes)
                return try PKICertificate(der: der, signed: signed, algorithm: algorithm.encodedBytes, signature: signature.bytes)
            }
        } catch let error as CollateralError {
            throw error
        } catch {
            throw CollateralError("certificate is not DER: \(error)")
        }
    }

    private init(der: [UInt8], signed: ASN1Node, algorithm: ArraySlice<UInt8>, signature: ArraySlice<UInt8>) throws {
        self = try DER.sequence(signed, identifier: .sequence) { nodes in
            let version = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { try Int(derEncoded: $0) }
            guard let serial = nodes.next(), let innerAlgorithm = nodes.next(), let issuer = nodes.next(), let validity = nodes.next(),
                let subject = nodes.next(), let key = nodes.next()
            else { throw CollateralError("certificate is not complete") }
            let extensions = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 3, tagClass: .contextSpecific) { try X509Extension.list($0) }
            let (notBefore, notAfter) = try Self.validity(validity)
            return PKICertificate(
                der: der, signedDigest: SHA256.hash(data: signed.encodedBytes), version: version ?? 0,
                serialNumber: try SerialNumber(derEncoded: serial),
                issuer: issuer.encodedBytes, subject: subject.encodedBytes, commonName: try DistinguishedNames.commonName(subject) ?? "",
                issuerCommonName: try DistinguishedNames.commonName(issuer) ?? "", notBefore: notBefore, notAfter: notAfter,
                signatureAlgorithms: [innerAlgorithm.encodedBytes, algorithm], signature: signature,
                publicKey: try Self.publicKey(key), publicKeyInfo: key.encodedBytes, extensions: extensions ?? [])
        }
    }

    private init(
        der: [UInt8], signedDigest: SHA256Digest, version: Int, serialNumber: SerialNumber, issuer: ArraySlice<UInt8>,
        subject: ArraySlice<UInt8>, commonName: String, issuerCommonName: String, notBefore: Date, notAfter: Date,
        signatureAlgorithms: [ArraySlice<UInt8>],
        signature: ArraySlice<UInt8>, publicKey: VerifyingKey?, publicKeyInfo: ArraySlice<UInt8>, extensions: [X509Extension]
    ) {
        self.der = der
        self.fingerprint = CertificateFingerprint(of: der)
        self.signedDigest = signedDigest
        self.version = version
        self.serialNumber = serialNumber
        self.issuer = issuer
        self.subject = subject
        self.commonName = commonName
        self.issuerCommonName = issuerCommonName
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.signatureAlgorithms = signatureAlgorithms
        self.signature = signature
        self.publicKey = publicKey
        self.publicKeyInfo = publicKeyInfo
        self.extensions = extensions
    }

    private static func validity(_ node: ASN1Node) throws -> (Date, Date) {
        try DER.sequence(node, identifier: .sequence) { nodes in
            guard let notBefore = nodes.next(), let notAfter = nodes.next() else { throw CollateralError("validity is not complete") }
            return (try X509Time.date(notBefore), try X509Time.date(notAfter))
        }
    }

    private static func publicKey(_ node: ASN1Node) throws -> VerifyingKey? {
        try DER.sequence(node, identifier: .sequence) { nodes in
            guard let algorithm = nodes.next() else { throw CollateralError("public key is not complete") }
            let key = try ASN1BitString(derEncoded: &nodes)
            guard algorithm.encodedBytes.elementsEqual(ECDSAProfile.keyAlgorithm) else { return nil }
            return VerifyingKey(point: key.bytes)
        }
    }

    /// Decodes the certificates of a PEM text, leaf first.
    ///
    /// `cache` may know the issuers already, of which there are few; leaves are as many as platforms.
    static func chain(pem: [UInt8], cache: VerificationCache? = nil) throws(CollateralError) -> [PKICertificate] {
        var certificates: [PKICertificate] = []
        for (index, der) in try PEMBlocks(decoding: pem, label: "CERTIFICATE").blocks.enumerated() {
            do {
                if index > 0, let cache {
                    certificates.append(try cache.issuer(derEncoded: der))
                } else {
                    certificates.append(try PKICertificate(derEncoded: der))
                }
            } catch {
                throw error.within("certificate \(index + 1)")
            }
        }
        return certificates
    }
}
