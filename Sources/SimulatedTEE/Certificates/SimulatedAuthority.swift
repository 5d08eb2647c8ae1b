// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A key of the simulated provisioning infrastructure, with its certificate.
struct SimulatedAuthority: Sendable {
    let key: P256.Signing.PrivateKey
    let certificate: Certificate
    let certificateDER: [UInt8]

    /// What a certificate is for.
    ///
    /// Names hold the words that verifiers look for in Intel's, and say what they are.
    enum Role {
        case pckAuthority
        case pck(SimulatedHardware)
        case tcbSigning

        var commonName: String {
            switch self {
            case .pckAuthority: "Sealwright SIMULATED SGX PCK Platform CA (INSECURE)"
            case .pck: "Sealwright SIMULATED SGX PCK Certificate (INSECURE)"
            case .tcbSigning: "Sealwright SIMULATED SGX TCB Signing (INSECURE)"
            }
        }
    }

    static let rootName = "Sealwright SIMULATED SGX Root CA (INSECURE)"
    /// Where certificates say that their revocation lists are; only the simulated collateral service knows these.
    static let rootCRLAddress = "https://simulated.invalid/SealwrightSimulatedRootCA.der"
    static let pckCRLAddress = "https://simulated.invalid/sgx/certification/v4/pckcrl?ca=platform&encoding=der"

    init(key: P256.Signing.PrivateKey, certificate: Certificate) throws {
        self.key = key
        self.certificate = certificate
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        self.certificateDER = serializer.serializedBytes
    }

    init(key: P256.Signing.PrivateKey, certificateDER: [UInt8]) throws {
        self.key = key
        self.certificate = try Certificate(derEncoded: certificateDER)
        self.certificateDER = certificateDER
    }

    static func makeRoot(at time: Date) throws -> SimulatedAuthority {
        let key = P256.Signing.PrivateKey()
        let name = try Self.name(Self.rootName)
        let certificate = try Self.certificate(
            for: key.publicKey, subject: name, issuer: name, issuerKey: key, at: time,
            extensions: Self.extensions(for: key.publicKey, issuerKey: key.publicKey, crl: Self.rootCRLAddress, authority: 1))
        return try SimulatedAuthority(key: key, certificate: certificate)
    }

    /// Makes a key and a certificate for it, signed by this authority.
    func issue(_ role: Role, at time: Date) throws -> SimulatedAuthority {
        try self.issue(role, to: P256.Signing.PrivateKey(), at: time, damage: nil)
    }

    /// Issues the certificate of `subject` again, for the same key and from the same time on, with one thing wrong.
    func reissue(_ role: Role, of subject: SimulatedAuthority, damage: CertificateDamage) throws -> SimulatedAuthority {
        try self.issue(role, to: subject.key, at: subject.certificate.notValidBefore.addingTimeInterval(Self.day), damage: damage)
    }

    private func issue(_ role: Role, to key: P256.Signing.PrivateKey, at time: Date, damage: CertificateDamage?) throws -> SimulatedAuthority {
        var pathLength: Int?
        if case .pckAuthority = role { pathLength = 0 }
        var crl = Self.rootCRLAddress
        if case .pck = role { crl = Self.pckCRLAddress }
        var extensions = try Self.extensions(for: key.publicKey, issuerKey: self.key.publicKey, crl: crl, authority: pathLength)
        if damage == .incomplete { extensions.removeFirst() }
        if case .pck(let hardware) = role, damage != .withoutSGXExtension { extensions.append(try SGXExtension.make(hardware)) }
        let certificate = try Self.certificate(
            for: key.publicKey, subject: Self.name(damage == .misnamed ? Self.strangeName : role.commonName), issuer: self.certificate.subject,
            issuerKey: damage == .forged ? P256.Signing.PrivateKey() : self.key, at: time, extensions: extensions, damage: damage)
        return try SimulatedAuthority(key: key, certificate: certificate)
    }

    private static let strangeName = "Sealwright SIMULATED somebody else (INSECURE)"
    private static let day: TimeInterval = 86_400

    private static func name(_ commonName: String) throws -> DistinguishedName {
        try DistinguishedName {
            CommonName(commonName)
            OrganizationName("Sealwright simulated TEE")
            CountryName("US")
        }
    }

    private static func certificate(
        for key: P256.Signing.PublicKey, subject: DistinguishedName, issuer: DistinguishedName, issuerKey: P256.Signing.PrivateKey, at time: Date,
        extensions: [Certificate.Extension], damage: CertificateDamage? = nil
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: damage == .otherSerialNumber ? Self.revokedSerialNumber : Certificate.SerialNumber(bytes: Self.randomSerialNumber()),
            publicKey: Certificate.PublicKey(key),
            notValidBefore: time.addingTimeInterval(-Self.day),
            notValidAfter: time.addingTimeInterval(damage == .expired ? -Self.day / 2 : 20 * 365 * Self.day),
            issuer: issuer,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions(extensions),
            issuerPrivateKey: Certificate.PrivateKey(issuerKey))
    }

    /// The serial number of a certificate that a root revokes without having issued it before.
    static let revokedSerialNumber = Certificate.SerialNumber(bytes: [0x51, 0x51, 0x51, 0x51])

    /// 16 bytes, positive and without leading zeros.
    private static func randomSerialNumber() -> [UInt8] {
        [UInt8.random(in: 0x40...0x7f)] + (0..<15).map { _ in UInt8.random(in: 0...255) }
    }

    /// The extensions that Intel's certificates have.
    ///
    /// `authority` is the path length of a certificate authority.
    private static func extensions(
        for key: P256.Signing.PublicKey, issuerKey: P256.Signing.PublicKey, crl: String, authority: Int?
    ) throws -> [Certificate.Extension] {
        let isAuthority = authority != nil
        let usage = isAuthority ? KeyUsage(keyCertSign: true, cRLSign: true) : KeyUsage(digitalSignature: true, nonRepudiation: true)
        return [
            try Certificate.Extension(
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: Certificate.PublicKey(issuerKey)).keyIdentifier), critical: false),
            try CRLDistributionPoint.make(crl),
            try Certificate.Extension(SubjectKeyIdentifier(hash: Certificate.PublicKey(key)), critical: false),
            try Certificate.Extension(usage, critical: true),
            try Certificate.Extension(
                isAuthority ? BasicConstraints.isCertificateAuthority(maxPathLength: authority) : .notCertificateAuthority, critical: true),
        ]
    }
}
