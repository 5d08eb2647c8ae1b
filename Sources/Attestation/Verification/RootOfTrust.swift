// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A root certificate that verification may end at, pinned by the SHA-256 digest of its DER encoding.
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

    /// SHA-256 digest of the certificate's DER encoding.
    public let certificateSHA256: CertificateFingerprint
    /// Whose root it is.
    public let kind: Kind
    /// What people call it.
    public let name: String

    /// Pins a root by its digest.
    public init(certificateSHA256: CertificateFingerprint, kind: Kind, name: String) {
        self.certificateSHA256 = certificateSHA256
        self.kind = kind
        self.name = name
    }

    /// Pins a root by its DER encoding.
    public init(certificateDER: [UInt8], kind: Kind, name: String? = nil) {
        self.init(certificateSHA256: CertificateFingerprint(of: certificateDER), kind: kind, name: name ?? "\(kind.rawValue) root")
    }

    /// Intel SGX Root CA, valid 2018-05-21 to 2049-12-31.
    public static let intelSGX = RootOfTrust(certificateSHA256: .intelSGXRootCA, kind: .intel, name: "Intel SGX Root CA")
}
