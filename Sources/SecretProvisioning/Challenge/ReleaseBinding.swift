// SPDX-License-Identifier: Apache-2.0

public import Attestation
import Crypto

/// What a quote that answers a challenge has to bind: the challenge, the key for the answer, and what is asked for.
public struct ReleaseBinding: Hashable, Sendable {
    /// Number of bytes of a challenge's nonce.
    public static let nonceSize = 56
    /// Number of bytes of an HPKE public key (X25519, RFC 9180 section 7.1).
    public static let publicKeySize = 32

    private static let label = Array("SEALWRIGHT-KEY-RELEASE-V1\0".utf8)

    /// The broker's nonce.
    public let nonce: [UInt8]
    /// The key that the answer is encrypted to.
    public let publicKey: [UInt8]
    /// Names of the secrets that are asked for; empty for whichever the policy releases first.
    public let secrets: [String]
    /// The model that they are asked for; `nil` where it is not said.
    public let model: ModelDigest?

    /// Puts the parts together; `nil` unless nonce and key have their sizes.
    public init?(nonce: [UInt8], publicKey: [UInt8], secrets: [String], model: ModelDigest? = nil) {
        guard nonce.count == Self.nonceSize, publicKey.count == Self.publicKeySize else { return nil }
        self.nonce = nonce
        self.publicKey = publicKey
        self.secrets = secrets
        self.model = model
    }

    /// The report data: SHA-512(label ‖ nonce ‖ public key ‖ SHA-256 of the names ‖ model).
    ///
    /// Each name is preceded by its length in bytes, four of them, most significant first. The model is 32 bytes, or none where none is
    /// named; all other parts have fixed sizes, so that no two requests are hashed alike.
    public var reportData: ReportData {
        var hash = SHA512()
        hash.update(data: Self.label)
        hash.update(data: self.nonce)
        hash.update(data: self.publicKey)
        hash.update(data: Array(self.secretsDigest))
        hash.update(data: self.model?.bytes ?? [])
        guard let data = ReportData(Array(hash.finalize())) else { preconditionFailure("SHA-512 has 64 bytes, as report data has") }
        return data
    }

    private var secretsDigest: SHA256.Digest {
        var hash = SHA256()
        for name in self.secrets {
            let bytes = Array(name.utf8)
            let count = UInt32(truncatingIfNeeded: bytes.count)
            hash.update(data: [UInt8(count >> 24), UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)])
            hash.update(data: bytes)
        }
        return hash.finalize()
    }
}
