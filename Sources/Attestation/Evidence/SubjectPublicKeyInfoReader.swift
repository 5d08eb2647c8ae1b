// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1
import X509

/// Finds the public key of a certificate as it was encoded.
///
/// Evidence binds the key's bytes as they lie in the certificate; encoding the parsed key again could give others.
enum SubjectPublicKeyInfoReader {
    /// The DER SubjectPublicKeyInfo of a certificate.
    static func bytes(inCertificate der: [UInt8]) throws(EvidenceError) -> [UInt8] {
        do {
            return try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
                guard let body = nodes.next() else { throw EvidenceError(.malformedCertificate, "the certificate is empty") }
                while nodes.next() != nil {}  // Signature algorithm and signature.
                return try Self.bytes(inBody: body)
            }
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw EvidenceError(.malformedCertificate, "not an X.509 certificate: \(error)")
        }
    }

    /// RFC 5280 section 4.1: version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
    private static func bytes(inBody body: ASN1Node) throws -> [UInt8] {
        try DER.sequence(body, identifier: .sequence) { nodes in
            var fields: [ASN1Node] = []
            while let node = nodes.next() { fields.append(node) }
            guard let first = fields.first else { throw EvidenceError(.malformedCertificate, "the certificate's body is empty") }
            let index = first.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) ? 6 : 5
            guard fields.indices.contains(index) else { throw EvidenceError(.malformedCertificate, "the certificate has no public key") }
            return Array(fields[index].encodedBytes)
        }
    }

    /// Names the kind of a certificate's key, or refuses it by name.
    static func keyKind(of key: Certificate.PublicKey, _ encoded: [UInt8]) throws(EvidenceError) -> RATLSCertificate.KeyKind {
        if P256.Signing.PublicKey(key) != nil { return .p256 }
        if P384.Signing.PublicKey(key) != nil { return .p384 }
        if P521.Signing.PublicKey(key) != nil { throw EvidenceError(.unsupportedKey, "the certificate's key is on P-521") }
        if Curve25519.Signing.PublicKey(key) != nil { throw EvidenceError(.unsupportedKey, "the certificate's key is Ed25519") }
        let bits = try Self.rsaModulusBits(encoded)
        guard bits == 3072 else { throw EvidenceError(.unsupportedKey, "the certificate's key is RSA of \(bits) bits, 3072 wanted") }
        return .rsa3072
    }

    private static func rsaModulusBits(_ encoded: [UInt8]) throws(EvidenceError) -> Int {
        do {
            return try DER.sequence(DER.parse(encoded), identifier: .sequence) { nodes in
                guard nodes.next() != nil, let key = nodes.next() else { throw EvidenceError(.malformedCertificate, "incomplete public key") }
                // RFC 8017 appendix A.1.1: modulus, public exponent.
                return try DER.sequence(DER.parse(ASN1BitString(derEncoded: key).bytes), identifier: .sequence) { numbers in
                    let modulus = try ArraySlice<UInt8>(derEncoded: &numbers).drop { $0 == 0 }
                    while numbers.next() != nil {}
                    return modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
                }
            }
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw EvidenceError(.malformedCertificate, "the certificate's RSA key cannot be read: \(error)")
        }
    }
}
