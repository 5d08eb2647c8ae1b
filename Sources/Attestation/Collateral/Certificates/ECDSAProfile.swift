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
}

/// A public key on P-256 with its uncompressed point, by which it is compared and remembered.
struct VerifyingKey: Sendable {
    let key: P256.Signing.PublicKey
    /// 0x04, X, Y.
    let point: [UInt8]

    /// Takes an uncompressed point; `nil` if the bytes are not a point of the curve.
    init?(point: some Collection<UInt8>) {
        self.point = Array(point)
        guard let key = try? P256.Signing.PublicKey(x963Representation: self.point) else { return nil }
        self.key = key
    }
}

extension AttestationKey {
    /// The key for verifying; `nil` if the bytes are not a point of the curve.
    var verifyingKey: VerifyingKey? { VerifyingKey(point: [0x04] + self.bytes) }
}

/// A signature in one of the two forms in which it is written.
enum EncodedSignature {
    /// SEQUENCE { R, S }, as in certificates and revocation lists.
    case der(ArraySlice<UInt8>)
    /// R and S, 32 bytes each, as in quotes and signed JSON.
    case raw(ECDSASignature)

    var bytes: ArraySlice<UInt8> {
        switch self {
        case .der(let bytes): bytes
        case .raw(let signature): signature.bytes[...]
        }
    }

    fileprivate var decoded: P256.Signing.ECDSASignature? {
        switch self {
        case .der(let bytes): try? P256.Signing.ECDSASignature(derRepresentation: bytes)
        case .raw(let signature): try? P256.Signing.ECDSASignature(rawRepresentation: signature.bytes)
        }
    }

    /// Whether this is a signature by `key` over what has this digest.
    func isValid(over digest: SHA256Digest, by key: VerifyingKey) -> Bool {
        self.decoded.map { key.key.isValidSignature($0, for: digest) } ?? false
    }
}
