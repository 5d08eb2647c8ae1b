// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import SwiftASN1
public import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a certificate is fit for, and until when; its properties are the keys of the JSON form.
public struct CertificateFacts: Encodable, Hashable, Sendable {
    /// Its common name.
    public let commonName: String
    /// The DNS names and addresses that it is for.
    public let names: [String]
    /// Whether it may sign other certificates.
    public let isAuthority: Bool
    /// Whether a server may show it.
    public let isForServers: Bool
    /// Whether a client may show it.
    public let isForClients: Bool
    /// The kind of its key, such as `p256`.
    public let key: String
    /// From when on it is valid.
    public let notBefore: Date
    /// Until when it is valid.
    public let notAfter: Date

    /// Reads a certificate.
    ///
    /// Without a word on its use it is for any, as RFC 5280 section 4.2.1.12 has it.
    public init(_ certificate: Certificate) {
        let usage = try? certificate.extensions.extendedKeyUsage
        let constraints = try? certificate.extensions.basicConstraints
        self.commonName = Self.commonName(certificate.subject)
        let names = try? certificate.extensions.subjectAlternativeNames
        self.names = names?.compactMap { Self.text($0) } ?? []
        if case .isCertificateAuthority? = constraints { self.isAuthority = true } else { self.isAuthority = false }
        self.isForServers = !self.isAuthority && (usage.map { $0.contains(.serverAuth) || $0.contains(.any) } ?? true)
        self.isForClients = !self.isAuthority && (usage.map { $0.contains(.clientAuth) || $0.contains(.any) } ?? true)
        self.key = Self.kind(of: certificate.publicKey)
        self.notBefore = certificate.notValidBefore
        self.notAfter = certificate.notValidAfter
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// - Throws: ``RATLSError`` or an ASN.1 error.
    package init(pem: [UInt8], name: String) throws {
        self.init(try Certificate(derEncoded: try PEMDocument.certificates(pem, name: name)[0]))
    }

    /// Whether it is for a DNS name or an address, however that is spelled.
    package func isFor(_ name: String) -> Bool {
        let text = (try? CertificateName(name)).flatMap { Self.text($0.generalName) } ?? name
        return self.names.contains { $0.lowercased() == text.lowercased() }
    }

    private static func commonName(_ subject: DistinguishedName) -> String {
        for name in subject {
            for attribute in name where attribute.type == ASN1ObjectIdentifier.RDNAttributeType.commonName {
                return String(attribute.value) ?? subject.description
            }
        }
        return subject.description
    }

    private static func text(_ name: GeneralName) -> String? {
        switch name {
        case .dnsName(let text): text
        case .ipAddress(let address): self.address(Array(address.bytes))
        default: nil
        }
    }

    private static func address(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":")
    }

    private static func kind(of key: Certificate.PublicKey) -> String {
        if P256.Signing.PublicKey(key) != nil { return "p256" }
        if P384.Signing.PublicKey(key) != nil { return "p384" }
        if let rsa = _RSA.Signing.PublicKey(key) { return "rsa \(rsa.keySizeInBits)" }
        return "other"
    }
}
