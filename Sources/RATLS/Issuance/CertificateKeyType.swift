// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import X509

/// The kind of key a certificate is issued for.
public struct CertificateKeyType: Hashable, Sendable {
    private enum Kind: String, CaseIterable, Sendable {
        case p256, p384, rsa
    }

    private let kind: Kind

    /// ECDSA over NIST P-256: small, fast, understood by every TLS 1.2 and 1.3 peer.
    public static let p256 = Self(kind: .p256)
    /// ECDSA over NIST P-384.
    public static let p384 = Self(kind: .p384)
    /// RSA of 3072 bits, for peers that know nothing else.
    public static let rsa = Self(kind: .rsa)

    /// The names that ``init(name:)`` takes.
    public static let names = Kind.allCases.map(\.rawValue)

    private init(kind: Kind) { self.kind = kind }

    /// A key type by its name (``names``), or `nil`.
    public init?(name: String) {
        guard let kind = Kind(rawValue: name) else { return nil }
        self.kind = kind
    }

    /// Makes a new key.
    func makePrivateKey() throws -> Certificate.PrivateKey {
        switch self.kind {
        case .p256: Certificate.PrivateKey(P256.Signing.PrivateKey())
        case .p384: Certificate.PrivateKey(P384.Signing.PrivateKey())
        case .rsa: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits3072))
        }
    }
}
