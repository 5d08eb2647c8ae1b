// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import X509

/// The private key of an RA-TLS certificate.
///
/// Its storage is the crypto library's, which wipes it; it is never shown.
public struct RATLSPrivateKey: Sendable, CustomStringConvertible {
    private enum Storage {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let storage: Storage

    /// Makes a new key.
    init(_ kind: RATLSCertificate.KeyKind) throws(EvidenceError) {
        switch kind {
        case .p256: self.storage = .p256(P256.Signing.PrivateKey())
        case .p384: self.storage = .p384(P384.Signing.PrivateKey())
        case .rsa3072:
            do { self.storage = .rsa(try _RSA.Signing.PrivateKey(keySize: .bits3072)) } catch {
                throw EvidenceError(.cannotMake, "an RSA key could not be made: \(error)")
            }
        }
    }

    /// The key's PKCS#8 or, for RSA, PKCS#1 form in DER: what TLS libraries take.
    public var derRepresentation: [UInt8] {
        switch self.storage {
        case .p256(let key): Array(key.derRepresentation)
        case .p384(let key): Array(key.derRepresentation)
        case .rsa(let key): Array(key.derRepresentation)
        }
    }

    /// The key in PEM: what TLS tools take.
    public var pemRepresentation: String {
        switch self.storage {
        case .p256(let key): key.pemRepresentation
        case .p384(let key): key.pemRepresentation
        case .rsa(let key): key.pemRepresentation
        }
    }

    /// The public key as a DER SubjectPublicKeyInfo.
    public var subjectPublicKeyInfo: [UInt8] {
        switch self.storage {
        case .p256(let key): Array(key.publicKey.derRepresentation)
        case .p384(let key): Array(key.publicKey.derRepresentation)
        case .rsa(let key): Array(key.publicKey.derRepresentation)
        }
    }

    /// Never shows the key.
    public var description: String { "RATLSPrivateKey(<redacted>)" }

    /// The key as certificates are signed with it.
    var issuer: Certificate.PrivateKey {
        switch self.storage {
        case .p256(let key): Certificate.PrivateKey(key)
        case .p384(let key): Certificate.PrivateKey(key)
        case .rsa(let key): Certificate.PrivateKey(key)
        }
    }

    /// SHA-256 with every kind of key, as Gramine signs.
    var signatureAlgorithm: Certificate.SignatureAlgorithm {
        if case .rsa = self.storage { .sha256WithRSAEncryption } else { .ecdsaWithSHA256 }
    }
}
