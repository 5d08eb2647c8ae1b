// SPDX-License-Identifier: Apache-2.0

public import Attestation
import ByteCoding

/// The secrets of a policy, loaded once, opened by nothing but an attestation result.
public struct SecretStore: Sendable {
    /// The largest secret that is loaded.
    public static let sizeLimit = 1 << 20

    private let secrets: [String: StoredSecret]

    /// Loads every secret of a policy.
    ///
    /// - Throws: a file error, or ``KeyBrokerError/Code-swift.struct/badSecret``.
    public init(loading policy: Policy) throws {
        var secrets: [String: StoredSecret] = [:]
        for secret in policy.secrets { secrets[secret.name] = try Self.load(secret) }
        self.secrets = secrets
    }

    private static func load(_ secret: SecretDescription) throws -> StoredSecret {
        var bytes = try InputFile.readAll(secret.path, limit: Self.sizeLimit)
        defer { wipe(&bytes) }
        return try StoredSecret(secret, bytes: bytes.span)
    }

    /// Why a secret could not be loaded; `nil` if it can be.
    static func finding(for secret: SecretDescription) -> PolicyFinding? {
        do {
            _ = try Self.load(secret)
            return nil
        } catch {
            let message = (error as? any DiagnosableError)?.message ?? String(describing: error)
            return PolicyFinding(line: secret.line, message: "the secret `\(secret.name)` cannot be loaded: \(message)")
        }
    }

    /// Opens the store for an enclave that an owner's policy accepted.
    ///
    /// Only an ``Attestation/AttestationResult`` that was made for this kind of secret opens it: a production secret never goes out on
    /// evidence that was appraised for development, nor on simulated evidence, whatever a rule said.
    public func release(_ secret: SecretDescription, to result: AttestationResult) -> StoredSecret? {
        guard let stored = self.secrets[secret.name] else { return nil }
        guard !stored.secret.isProduction || (result.purpose == .production && !result.isSimulated) else { return nil }
        return stored
    }
}
