// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles
public import SecretProvisioning

/// Where the key comes from that opens sealed files.
public struct WrapKeySource: Sendable {
    /// What messages call it.
    public let name: String
    /// Whether it is a file, without attestation.
    let isFile: Bool
    private let obtain: @Sendable (ModelDigest?, _ log: Log) async throws -> KeyVersions

    typealias Log = @Sendable (String) -> Void

    init(name: String, isFile: Bool = false, obtain: @escaping @Sendable (ModelDigest?, _ log: Log) async throws -> KeyVersions) {
        self.name = name
        self.isFile = isFile
        self.obtain = obtain
    }

    /// A key that a key broker releases to this enclave; while it is being rotated, in the versions that are released beside each other.
    ///
    /// * `client`: who asks the broker.
    /// * `name`: what messages call the broker.
    /// * `secret`: the key's name in the broker's policy; `nil` for the secret that the policy releases first.
    public static func broker(_ client: BrokerClient, name: String, secret secretName: String? = nil) -> WrapKeySource {
        WrapKeySource(name: secretName.map { "\(name), secret \($0)" } ?? name) { model, log in
            try Self.versions(of: try await client.requestVersions(of: secretName, for: model), log: log)
        }
    }

    /// Takes the current version, which comes first and must be a key, and those former ones that are keys: nothing was sealed under the others.
    static func versions(of secrets: [ReleasedSecret], log: Log) throws(ServingError) -> KeyVersions {
        // The client gives one at least.
        let current = try Self.version(secrets[0])
        var former: [KeyVersions.Version] = []
        for secret in secrets.dropFirst() {
            do {
                former.append(try Self.version(secret))
            } catch {
                log("WARNING: a former version of the key is passed over: \(error.message)")
            }
        }
        return KeyVersions(current: current, former: former)
    }

    private static func version(_ secret: ReleasedSecret) throws(ServingError) -> KeyVersions.Version {
        do {
            return KeyVersions.Version(
                number: secret.version, key: try secret.bytes.withBytes { bytes throws(ProtectedFileError) in try WrapKey(bytes) })
        } catch {
            let version = secret.version == 0 ? "a secret" : "version \(secret.version) of a secret"
            throw ServingError(
                .badKey, "the key broker released \(version) that has \(secret.bytes.count) bytes, a wrap key has \(WrapKey.byteCount)",
                remedy: "let the broker's policy name the wrap key, with encoding: raw")
        }
    }

    /// A key in a file, for development: who can read the file can open everything.
    public static func file(_ path: String) -> WrapKeySource {
        WrapKeySource(name: path, isFile: true) { _, _ in KeyVersions(try WrapKey(contentsOfFile: path)) }
    }

    /// Gets the key, to open this model with where one is named; `log` is told what is wrong with it and does not keep it from being used.
    func keys(for model: ModelDigest?, log: Log) async throws -> KeyVersions { try await self.obtain(model, log) }
}
