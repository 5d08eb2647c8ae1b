// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles
public import SecretProvisioning

/// Where the key comes from that opens sealed files.
public struct WrapKeySource: Sendable {
    /// What messages call it.
    public let name: String
    private let obtain: @Sendable (ModelDigest?) async throws -> KeyVersions

    init(name: String, obtain: @escaping @Sendable (ModelDigest?) async throws -> KeyVersions) {
        self.name = name
        self.obtain = obtain
    }

    /// A key that a key broker releases to this enclave; while it is being rotated, in the versions that are released beside each other.
    ///
    /// * `client`: who asks the broker.
    /// * `name`: what messages call the broker.
    /// * `secret`: the key's name in the broker's policy; `nil` for the secret that the policy releases first.
    public static func broker(_ client: BrokerClient, name: String, secret secretName: String? = nil) -> WrapKeySource {
        WrapKeySource(name: secretName.map { "\(name), secret \($0)" } ?? name) { model in
            let versions = try await client.requestVersions(of: secretName, for: model).map { try Self.version($0) }
            // The client gives one at least.
            return KeyVersions(current: versions[0], former: Array(versions.dropFirst()))
        }
    }

    private static func version(_ secret: ReleasedSecret) throws(ServingError) -> KeyVersions.Version {
        do {
            return KeyVersions.Version(
                number: secret.version, key: try secret.bytes.withBytes { bytes throws(ProtectedFileError) in try WrapKey(bytes) })
        } catch {
            throw ServingError(
                .badKey, "the key broker released a secret of \(secret.bytes.count) bytes, a wrap key has \(WrapKey.byteCount)",
                remedy: "let the broker's policy name the wrap key, with encoding: raw")
        }
    }

    /// A key in a file, for development: who can read the file can open everything.
    public static func file(_ path: String) -> WrapKeySource {
        WrapKeySource(name: path) { _ in KeyVersions(try WrapKey(contentsOfFile: path)) }
    }

    /// Gets the key, to open this model with where one is named.
    func keys(for model: ModelDigest?) async throws -> KeyVersions { try await self.obtain(model) }
}
