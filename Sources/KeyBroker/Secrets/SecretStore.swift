// SPDX-License-Identifier: Apache-2.0

public import Attestation
import ByteCoding

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The secrets of a policy, opened by nothing but an attestation result.
///
/// Those in files are loaded once; those in the broker's store are read when they are released, so that a revocation counts at once.
public struct SecretStore: Sendable {
    /// The largest secret that is loaded.
    public static let sizeLimit = 1 << 20

    private let files: [String: StoredSecret]
    private let vault: SecretVault?

    /// Loads every secret of a policy that is in a file, and sees to it that the others are in the store.
    ///
    /// - Throws: a file error, or ``KeyBrokerError``: ``KeyBrokerError/Code-swift.struct/badSecret``,
    ///   ``KeyBrokerError/Code-swift.struct/loosePermissions``, ``KeyBrokerError/Code-swift.struct/publishedKey``,
    ///   ``KeyBrokerError/Code-swift.struct/noSecret``.
    public init(loading policy: Policy, vault: SecretVault? = nil) throws {
        var files: [String: StoredSecret] = [:]
        for secret in policy.secrets {
            switch secret.source {
            case .file(let path): files[secret.name] = try Self.load(secret, path: path)
            case .store: try Self.requireVault(vault, for: secret)
            }
        }
        self.files = files
        self.vault = vault
    }

    private static func load(_ secret: SecretDescription, path: String) throws -> StoredSecret {
        var bytes = try PrivateFile.read(path, limit: Self.sizeLimit)
        defer { wipe(&bytes) }
        return try StoredSecret(secret, bytes: bytes.span)
    }

    private static func requireVault(_ vault: SecretVault?, for secret: SecretDescription) throws(KeyBrokerError) {
        guard vault == nil else { return }
        throw KeyBrokerError(
            .noSecret, "the secret `\(secret.name)` has no file, and the broker has no store to look for it in",
            remedy: "give `file:` in the policy, or start the broker with --store")
    }

    /// Loads a secret's file and forgets it again; does nothing for one in the store.
    ///
    /// - Throws: as ``init(loading:vault:)``.
    static func requireFile(of secret: SecretDescription) throws {
        if case .file(let path) = secret.source { _ = try Self.load(secret, path: path) }
    }

    /// Why a secret could not be loaded; `nil` if it can be, or is in the store.
    static func finding(for secret: SecretDescription) -> PolicyFinding? {
        do {
            try Self.requireFile(of: secret)
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
    ///
    /// - Returns: the current version, and after it those that are still in their overlap window; empty if it stays closed.
    /// - Throws: ``KeyBrokerError`` when the broker's store fails.
    public func release(_ secret: SecretDescription, to result: AttestationResult, at time: Date) async throws -> [StoredSecret] {
        guard !secret.isProduction || (result.purpose == .production && !result.isSimulated) else { return [] }
        switch secret.source {
        case .file: return self.files[secret.name].map { [$0] } ?? []
        case .store: return try await self.vault?.open(secret, at: time) ?? []
        }
    }
}
