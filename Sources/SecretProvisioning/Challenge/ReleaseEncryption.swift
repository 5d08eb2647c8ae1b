// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
package import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How an answer is encrypted to the enclave: HPKE, base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
///
/// `info` is the quote's report data, so that an answer belongs to one challenge, one key and one request.
package enum ReleaseEncryption {
    package static let suite = HPKE.Ciphersuite(kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)

    /// An encrypted answer.
    package struct Sealed: Hashable, Sendable {
        package let encapsulatedKey: [UInt8]
        package let ciphertext: [UInt8]

        package init(encapsulatedKey: [UInt8], ciphertext: [UInt8]) {
            self.encapsulatedKey = encapsulatedKey
            self.ciphertext = ciphertext
        }
    }

    /// Encrypts secrets to the key of a binding.
    package static func seal(_ secrets: [ReleasedSecret], for binding: ReleaseBinding) throws -> Sealed {
        let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: binding.publicKey)
        try Self.requireLargeOrder(recipient)
        var sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: Self.suite, info: Data(binding.reportData.bytes))
        let plaintext = try ReleasedSecrets.encode(secrets)
        var bytes = plaintext.withBytes { [UInt8](copying: $0) }
        defer { wipe(&bytes) }
        let ciphertext = try sender.seal(bytes)
        return Sealed(encapsulatedKey: [UInt8](sender.encapsulatedKey), ciphertext: [UInt8](ciphertext))
    }

    /// Refuses a point of small order, with which every key agreement gives zero: anyone could decrypt (RFC 9180 section 7.1.4).
    ///
    /// The HPKE that is used here does not look.
    private static func requireLargeOrder(_ key: Curve25519.KeyAgreement.PublicKey) throws {
        let agreed = try Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: key)
        // Sound: the bytes are looked at while they are lent.
        let isZero = unsafe agreed.withUnsafeBytes { unsafe $0.allSatisfy { $0 == 0 } }
        guard !isZero else {
            throw SecretProvisioningError(.badRequest, "the public key is a point of small order", remedy: "make a key with a random generator")
        }
    }

    /// Decrypts an answer.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badResponse``.
    package static func open(
        _ sealed: Sealed, with key: Curve25519.KeyAgreement.PrivateKey, for binding: ReleaseBinding
    ) throws(SecretProvisioningError) -> [ReleasedSecret] {
        var bytes: [UInt8]
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: Self.suite, info: Data(binding.reportData.bytes), encapsulatedKey: Data(sealed.encapsulatedKey))
            var opened = try recipient.open(sealed.ciphertext)
            defer { opened.resetBytes(in: opened.startIndex..<opened.endIndex) }
            bytes = [UInt8](opened)
        } catch {
            throw SecretProvisioningError(
                .badResponse, "the broker's answer does not decrypt (\(error))", remedy: "compare the versions of this program and of the broker")
        }
        defer { wipe(&bytes) }
        return try ReleasedSecrets.decode(bytes.span)
    }
}
