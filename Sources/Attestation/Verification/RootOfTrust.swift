// SPDX-License-Identifier: Apache-2.0

/// A root that verification may end at, pinned by its certificate or by its key.
public struct RootOfTrust: Hashable, Sendable {
    /// Whose root it is.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// Intel's: real hardware.
        case intel
        /// A software TEE's: proves nothing about hardware.
        case simulated
        /// One that the caller brought.
        case custom
    }

    /// What a root is recognised by.
    public enum Pin: Hashable, Sendable, CustomStringConvertible {
        /// Its certificate, by the SHA-256 digest of the DER encoding.
        case certificate(CertificateFingerprint)
        /// Its key, by the SHA-256 digest of the subject public key info.
        ///
        /// Also accepts other editions of the root's certificate, such as Intel's of 2018-05-21T10:41:11Z, which old material ends at.
        case publicKey(PublicKeyFingerprint)

        /// The digest and what it is of.
        public var description: String {
            switch self {
            case .certificate(let fingerprint): "SHA-256 \(fingerprint)"
            case .publicKey(let fingerprint): "key SHA-256 \(fingerprint)"
            }
        }
    }

    /// What the root is recognised by.
    public let pin: Pin
    /// Whose root it is.
    public let kind: Kind
    /// What people call it.
    public let name: String

    /// Pins a root.
    public init(pin: Pin, kind: Kind, name: String) {
        self.pin = pin
        self.kind = kind
        self.name = name
    }

    /// Pins a root by its certificate, given as DER.
    public init(certificateDER: [UInt8], kind: Kind, name: String? = nil) {
        self.init(pin: .certificate(CertificateFingerprint(of: certificateDER)), kind: kind, name: name ?? "\(kind.rawValue) root")
    }

    /// Pins a root by the key of its certificate, given as DER.
    ///
    /// - Throws: ``CollateralError`` for something that is not a certificate.
    public init(publicKeyOfCertificateDER der: [UInt8], kind: Kind, name: String? = nil) throws(CollateralError) {
        let certificate = try PKICertificate(derEncoded: der)
        self.init(
            pin: .publicKey(PublicKeyFingerprint(ofSubjectPublicKeyInfo: Array(certificate.publicKeyInfo))), kind: kind,
            name: name ?? "\(kind.rawValue) root key")
    }

    /// Intel SGX Root CA, valid 2018-05-21 to 2049-12-31.
    public static let intelSGX = RootOfTrust(pin: .certificate(.intelSGXRootCA), kind: .intel, name: "Intel SGX Root CA")

    /// The key of Intel SGX Root CA, in whatever edition of its certificate.
    public static let intelSGXKey = RootOfTrust(pin: .publicKey(.intelSGXRootCA), kind: .intel, name: "Intel SGX Root CA")

    /// Whether `certificate` is this root.
    func matches(_ certificate: PKICertificate) -> Bool {
        switch self.pin {
        case .certificate(let fingerprint): certificate.fingerprint == fingerprint
        case .publicKey(let fingerprint): PublicKeyFingerprint(ofSubjectPublicKeyInfo: Array(certificate.publicKeyInfo)) == fingerprint
        }
    }
}

extension RootOfTrust.Kind {
    /// What a root is that a caller brings: a software TEE's says so in its name, and stays one whoever vouches for it.
    package init(ofCertificateDER der: [UInt8]) {
        let isSimulated = (try? PKICertificate(derEncoded: der))?.commonName.contains("SIMULATED") == true
        self = isSimulated ? .simulated : .custom
    }
}
