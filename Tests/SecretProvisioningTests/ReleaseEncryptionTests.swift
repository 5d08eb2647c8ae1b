// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Crypto
import Foundation
import SecretProvisioning
import Testing

@Suite("Secrets in answer to a challenge")
struct ReleaseEncryptionTests {
    private static let key = Curve25519.KeyAgreement.PrivateKey()
    private static let model = ModelDigest([UInt8](repeating: 7, count: 32))
    private static let binding = ReleaseBinding(
        nonce: [UInt8](repeating: 7, count: ReleaseBinding.nonceSize), publicKey: [UInt8](key.publicKey.rawRepresentation), secrets: ["a", "bc"])

    private static func secrets() -> [ReleasedSecret] {
        [
            ReleasedSecret(name: "a", version: 0, bytes: [UInt8](0..<16).span),
            ReleasedSecret(name: "bc", version: 4_000_000_000, bytes: [UInt8](repeating: 9, count: 300).span),
        ]
    }

    private static func plain() throws -> [UInt8] { try ReleasedSecrets.encode(Self.secrets()).withBytes { [UInt8](copying: $0) } }

    @Test("come back as they were")
    func roundTrip() throws {
        let binding = try #require(Self.binding)
        let sealed = try ReleaseEncryption.seal(Self.secrets(), for: binding)
        let opened = try ReleaseEncryption.open(sealed, with: Self.key, for: binding)
        #expect(opened.map(\.name) == ["a", "bc"])
        #expect(opened.map(\.version) == [0, 4_000_000_000])
        #expect(opened.map { $0.bytes.withBytes { [UInt8](copying: $0) } } == [Array(0..<16), [UInt8](repeating: 9, count: 300)])
        #expect("\(opened[0])".contains("<redacted>"))
    }

    @Test("do not open under another key, another binding, or changed")
    func otherwise() throws {
        let binding = try #require(Self.binding)
        let sealed = try ReleaseEncryption.seal(Self.secrets(), for: binding)
        let other = try #require(ReleaseBinding(nonce: binding.nonce, publicKey: binding.publicKey, secrets: ["ab", "c"]))
        func code(_ sealed: ReleaseEncryption.Sealed, _ key: Curve25519.KeyAgreement.PrivateKey, _ binding: ReleaseBinding)
            -> SecretProvisioningError.Code?
        {
            do throws(SecretProvisioningError) {
                _ = try ReleaseEncryption.open(sealed, with: key, for: binding)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(sealed, Self.key, binding) == nil)
        #expect(code(sealed, Curve25519.KeyAgreement.PrivateKey(), binding) == .badResponse)
        #expect(code(sealed, Self.key, other) == .badResponse)
        var changed = sealed.ciphertext
        changed[3] ^= 1
        #expect(code(.init(encapsulatedKey: sealed.encapsulatedKey, ciphertext: changed), Self.key, binding) == .badResponse)
        #expect(code(.init(encapsulatedKey: [1, 2], ciphertext: sealed.ciphertext), Self.key, binding) == .badResponse)
    }

    @Test("cut short at any byte are refused, and with one more")
    func truncation() throws {
        let plain = try Self.plain()
        for length in 0..<plain.count {
            let error = #expect(throws: SecretProvisioningError.self) { try ReleasedSecrets.decode(Array(plain.prefix(length)).span) }
            #expect(error?.code == .badResponse, "\(length)")
        }
        #expect(throws: SecretProvisioningError.self) { try ReleasedSecrets.decode((plain + [0]).span) }
    }

    @Test("bind every part of the request, and nothing else")
    func binding() throws {
        let binding = try #require(Self.binding)
        #expect(ReleaseBinding(nonce: [1], publicKey: binding.publicKey, secrets: []) == nil)
        #expect(ReleaseBinding(nonce: binding.nonce, publicKey: [1], secrets: []) == nil)
        var nonce = binding.nonce
        nonce[55] ^= 1
        var publicKey = binding.publicKey
        publicKey[0] ^= 1
        let others = [
            ReleaseBinding(nonce: nonce, publicKey: binding.publicKey, secrets: binding.secrets),
            ReleaseBinding(nonce: binding.nonce, publicKey: publicKey, secrets: binding.secrets),
            ReleaseBinding(nonce: binding.nonce, publicKey: binding.publicKey, secrets: ["ab", "c"]),
            ReleaseBinding(nonce: binding.nonce, publicKey: binding.publicKey, secrets: ["bc", "a"]),
            ReleaseBinding(nonce: binding.nonce, publicKey: binding.publicKey, secrets: []),
            ReleaseBinding(nonce: binding.nonce, publicKey: binding.publicKey, secrets: binding.secrets, model: Self.model),
        ]
        #expect(Set(others.compactMap { $0?.reportData } + [binding.reportData]).count == 7)
    }

    @Test("bind as the OpenAPI document says")
    func reportData() throws {
        let zeros = try #require(
            ReleaseBinding(
                nonce: [UInt8](repeating: 0, count: 56), publicKey: [UInt8](repeating: 1, count: 32), secrets: ["wrap-key"]))
        let names = SHA256.hash(data: [0, 0, 0, 8] + Array("wrap-key".utf8))
        let bytes = Array("SEALWRIGHT-KEY-RELEASE-V1\0".utf8) + [UInt8](repeating: 0, count: 56) + [UInt8](repeating: 1, count: 32) + Array(names)
        #expect(zeros.reportData.bytes == Array(SHA512.hash(data: bytes)))
        let withModel = ReleaseBinding(nonce: zeros.nonce, publicKey: zeros.publicKey, secrets: zeros.secrets, model: Self.model)
        #expect(withModel?.reportData.bytes == Array(SHA512.hash(data: bytes + [UInt8](repeating: 7, count: 32))))
    }
}
