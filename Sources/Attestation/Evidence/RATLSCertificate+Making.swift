// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RATLSCertificate {
    /// Makes a fresh P-384 key and a certificate for it with two quotes of `source`, as current Gramine does.
    ///
    /// The certificate has the legacy extension, for every verifier since Graphene, and tagged evidence. Names, validity (2001 to
    /// the end of 2030), extensions and their order are Gramine's, so that nothing tells the two apart but the quotes.
    ///
    /// - Throws: what `source` throws, and ``EvidenceError`` when a quote does not fit into a certificate.
    public static func make(source: any QuoteSource) async throws -> RATLSIdentity {
        let key = P384.Signing.PrivateKey()
        let subjectPublicKeyInfo = Array(key.publicKey.derRepresentation)
        let claims = TaggedEvidence.claims(for: subjectPublicKeyInfo)
        // Legacy first, then evidence, as Gramine asks for them.
        let legacyQuote = try await source.quote(for: ReportData(digest: SHA256.hash(data: subjectPublicKeyInfo)))
        let evidenceQuote = try await source.quote(for: ReportData(digest: SHA256.hash(data: claims)))
        let evidence = try TaggedEvidence(quote: evidenceQuote, claims: claims)
        return try Self.makeCertificate(key: key, legacyQuote: legacyQuote, evidence: evidence.encode())
    }

    private static func makeCertificate(key: P384.Signing.PrivateKey, legacyQuote: [UInt8], evidence: [UInt8]) throws -> RATLSIdentity {
        for value in [legacyQuote, evidence] where !Self.extensionSizes.contains(value.count) {
            throw EvidenceError(.cannotMake, "a quote of \(value.count) bytes does not fit into an RA-TLS certificate")
        }
        let publicKey = Certificate.PublicKey(key.publicKey)
        let name = try DistinguishedName {
            CommonName("RATLS")
            OrganizationName("GramineDevelopers")
            CountryName("US")
        }
        let keyIdentifier = Array(Insecure.SHA1.hash(data: publicKey.subjectPublicKeyInfoBytes))[...]
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(bytes: [1]),
            publicKey: publicKey,
            notValidBefore: Self.notValidBefore,
            notValidAfter: Self.notValidAfter,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions([
                Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: false),
                Certificate.Extension(SubjectKeyIdentifier(keyIdentifier: keyIdentifier), critical: false),
                Certificate.Extension(AuthorityKeyIdentifier(keyIdentifier: keyIdentifier), critical: false),
                Certificate.Extension(oid: .malformedGramineQuote, critical: false, value: legacyQuote[...]),
                Certificate.Extension(oid: .taggedEvidence, critical: false, value: evidence[...]),
            ]),
            issuerPrivateKey: Certificate.PrivateKey(key))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return RATLSIdentity(certificateDER: serializer.serializedBytes, privateKey: key)
    }

    /// 2001-01-01T00:00:00Z, Gramine's `CERT_TIMESTAMP_NOT_BEFORE_DEFAULT`.
    static let notValidBefore = Date(timeIntervalSince1970: 978_307_200)
    /// 2030-12-31T23:59:59Z, Gramine's `CERT_TIMESTAMP_NOT_AFTER_DEFAULT`.
    static let notValidAfter = Date(timeIntervalSince1970: 1_924_991_999)
}
