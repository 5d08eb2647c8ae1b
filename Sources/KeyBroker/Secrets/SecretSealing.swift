// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How secrets lie in a store: AES-256-GCM, bound to their name and version, so that rows cannot be exchanged.
struct SecretSealing: Sendable {
    private let key: SymmetricKey

    init(_ keys: StoreKeys) { self.key = keys.secrets }

    /// Nonce, ciphertext and tag.
    func seal(_ secret: Span<UInt8>, name: String, version: Int) throws -> Data {
        var bytes = [UInt8](copying: secret)
        defer { wipe(&bytes) }
        let box = try AES.GCM.seal(bytes, using: self.key, authenticating: Self.label(name, version))
        guard let combined = box.combined else { throw KeyBrokerError(.storeFailed, "the secret `\(name)` cannot be encrypted") }
        return combined
    }

    /// The secret itself; wiping it is the caller's business.
    func open(_ sealed: Data, name: String, version: Int) throws(KeyBrokerError) -> [UInt8] {
        do {
            var opened = try AES.GCM.open(try AES.GCM.SealedBox(combined: sealed), using: self.key, authenticating: Self.label(name, version))
            defer { opened.resetBytes(in: opened.startIndex..<opened.endIndex) }
            return [UInt8](opened)
        } catch {
            throw KeyBrokerError(
                .storeDamaged, "version \(version) of the secret `\(name)` does not open: it was changed in the store",
                remedy: "restore the store from a backup, or rotate the secret")
        }
    }

    private static func label(_ name: String, _ version: Int) -> [UInt8] { Array("sealwright secret v1\0\(name)\0\(version)".utf8) }
}
