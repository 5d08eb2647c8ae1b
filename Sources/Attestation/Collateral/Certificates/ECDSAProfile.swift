// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1

/// The one signature algorithm and key type of Intel's attestation: ECDSA with SHA-256 on P-256.
enum ECDSAProfile {
    /// AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 section 3.2).
    static let signatureAlgorithm: [UInt8] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]

    /// AlgorithmIdentifier of an elliptic curve key on P-256 (RFC 5480 section 2.1.1).
    static let keyAlgorithm: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ]

    /// Whether a DER signature, as in certificates and revocation lists, is by `key` over `bytes`.
    static func isValid(derSignature: ArraySlice<UInt8>, over bytes: ArraySlice<UInt8>, by key: P256.Signing.PublicKey) -> Bool {
        guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: derSignature) else { return false }
        return key.isValidSignature(signature, for: SHA256.hash(data: bytes))
    }

    /// Whether a raw signature, as in quotes and signed JSON, is by `key` over `bytes`.
    static func isValid(_ signature: ECDSASignature, over bytes: ArraySlice<UInt8>, by key: P256.Signing.PublicKey) -> Bool {
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature.bytes) else { return false }
        return key.isValidSignature(signature, for: SHA256.hash(data: bytes))
    }
}

extension AttestationKey {
    /// The key for verifying; `nil` if the bytes are not a point of the curve.
    var publicKey: P256.Signing.PublicKey? { try? P256.Signing.PublicKey(rawRepresentation: self.bytes) }
}
