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
    /// Makes a fresh key and a certificate for it with one or two quotes of `source`.
    ///
    /// By default as current Gramine does: P-384, the legacy extension for every verifier since Graphene, and tagged evidence. Names, validity
    /// (2001 to the end of 2030), extensions and their order are Gramine's, so that nothing tells the two apart but the quotes.
    ///
    /// - Throws: what `source` throws, and ``EvidenceError`` when a quote does not fit into a certificate.
    public static func make(source: any QuoteSource, style: RATLSCertificateStyle = .gramine18) async throws -> RATLSIdentity {
        let key = try RATLSPrivateKey(style.keyKind)
        let subjectPublicKeyInfo = key.subjectPublicKeyInfo
        var evidence: [Certificate.Extension] = []
        // Legacy first, then evidence, as Gramine asks for them.
        if style.evidence != .tagged {
            let quote = try await source.quote(for: ReportData(digest: SHA256.hash(data: subjectPublicKeyInfo)))
            evidence.append(try Self.evidenceExtension(style.legacyIdentifier == .malformed ? .malformedGramineQuote : .gramineQuote, quote))
        }
        if style.evidence != .legacy {
            let claims = TaggedEvidence.claims(for: subjectPublicKeyInfo)
            let quote = try await source.quote(for: ReportData(digest: SHA256.hash(data: claims)))
            evidence.append(try Self.evidenceExtension(.taggedEvidence, try TaggedEvidence(quote: quote, claims: claims).encode()))
        }
        return try Self.makeCertificate(key: key, organization: style.organization, evidence: evidence)
    }

    private static func evidenceExtension(_ identifier: ASN1ObjectIdentifier, _ value: [UInt8]) throws(EvidenceError) -> Certificate.Extension {
        guard Self.extensionSizes.contains(value.count) else {
            throw EvidenceError(.cannotMake, "evidence of \(value.count) bytes does not fit into an RA-TLS certificate")
        }
        return Certificate.Extension(oid: identifier, critical: false, value: value[...])
    }

    private static func makeCertificate(key: RATLSPrivateKey, organization: String, evidence: [Certificate.Extension]) throws -> RATLSIdentity {
        let name = try DistinguishedName {
            CommonName("RATLS")
            OrganizationName(organization)
            CountryName("US")
        }
        let publicKey = key.issuer.publicKey
        let keyIdentifier = Array(Insecure.SHA1.hash(data: publicKey.subjectPublicKeyInfoBytes))[...]
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(bytes: [1]),
            publicKey: publicKey,
            notValidBefore: Self.notValidBefore,
            notValidAfter: Self.notValidAfter,
            issuer: name,
            subject: name,
            signatureAlgorithm: key.signatureAlgorithm,
            extensions: Certificate.Extensions(
                [
                    Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: false),
                    Certificate.Extension(SubjectKeyIdentifier(keyIdentifier: keyIdentifier), critical: false),
                    Certificate.Extension(AuthorityKeyIdentifier(keyIdentifier: keyIdentifier), critical: false),
                ] + evidence),
            issuerPrivateKey: key.issuer)
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return RATLSIdentity(certificateDER: serializer.serializedBytes, privateKey: key)
    }

    /// 2001-01-01T00:00:00Z, Gramine's `CERT_TIMESTAMP_NOT_BEFORE_DEFAULT`.
    static let notValidBefore = Date(timeIntervalSince1970: 978_307_200)
    /// 2030-12-31T23:59:59Z, Gramine's `CERT_TIMESTAMP_NOT_AFTER_DEFAULT`.
    static let notValidAfter = Date(timeIntervalSince1970: 1_924_991_999)
}
