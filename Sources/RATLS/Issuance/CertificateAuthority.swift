// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A private certificate authority for the two ends of a mutual-TLS connection.
///
/// Its certificates follow RFC 5280: subject alternative names, key identifiers, key usages, random serial numbers. The
/// authority signs end entities only (path length 0).
public struct CertificateAuthority: Sendable {
    /// How long the authority itself is valid; its certificates end sooner.
    static let lifetimeInDays = 3650

    /// The authority's own certificate and key.
    public let identity: IssuedCertificate

    /// Makes a new authority that is valid from `now` on.
    public init(named name: String, keyType: CertificateKeyType, now: Date) throws {
        let key = try keyType.makePrivateKey()
        let subject = try DistinguishedName { CommonName(name) }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-clockTolerance),
            notValidAfter: now.addingTimeInterval(Double(Self.lifetimeInDays) * secondsPerDay),
            issuer: subject,
            subject: subject,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            },
            issuerPrivateKey: key)
        self.identity = IssuedCertificate(certificate: certificate, privateKey: key)
    }

    /// Takes over an authority that exists.
    ///
    /// - Throws: ``CertificateIssuanceError`` `not-an-authority` when the certificate is none, has ended at `now`, or belongs to another key; a file error.
    public init(certificatePath: String, keyPath: String, now: Date) throws {
        let certificate = try CertificateSet.certificate(certificatePath)
        let key = try CertificateSet.privateKey(keyPath)
        guard CertificateFacts(certificate).isAuthority else { throw CertificateIssuanceError.notAnAuthority("\(certificatePath) is no authority's") }
        guard key.publicKey == certificate.publicKey else {
            throw CertificateIssuanceError.notAnAuthority("\(keyPath) is not the key of \(certificatePath)")
        }
        guard (certificate.notValidBefore...certificate.notValidAfter).contains(now) else {
            throw CertificateIssuanceError.notAnAuthority(
                "\(certificatePath) is not valid now: it ends \(certificate.notValidAfter.formatted(.iso8601))")
        }
        self.identity = IssuedCertificate(certificate: certificate, privateKey: key)
    }

    /// What an issued certificate is for.
    public enum Role: Sendable {
        case server, client
    }

    /// Issues a certificate for a new key, valid for `days` days (1 to 3650) but never longer than the authority.
    ///
    /// The names become its subject alternative names; the first is the common name too, for peers that look there.
    public func issue(
        to names: [CertificateName], role: Role, keyType: CertificateKeyType, days: Int, now: Date
    ) throws -> IssuedCertificate {
        guard let first = names.first else { throw CertificateIssuanceError.noNames }
        guard (1...Self.lifetimeInDays).contains(days) else { throw CertificateIssuanceError.unfitLifetime(days: days) }
        let key = try keyType.makePrivateKey()
        let end = min(now.addingTimeInterval(Double(days) * secondsPerDay), self.identity.certificate.notValidAfter)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-clockTolerance),
            notValidAfter: end,
            issuer: self.identity.certificate.subject,
            subject: DistinguishedName { CommonName(first.text) },
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([role == .server ? .serverAuth : .clientAuth])
                SubjectAlternativeNames(names.map(\.generalName))
                SubjectKeyIdentifier(hash: key.publicKey)
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: self.identity.certificate.publicKey).keyIdentifier)
            },
            issuerPrivateKey: self.identity.privateKey)
        return IssuedCertificate(certificate: certificate, privateKey: key)
    }
}

/// Peers' clocks may be a little behind ours.
private let clockTolerance: TimeInterval = 300
private let secondsPerDay: TimeInterval = 86400
