// SPDX-License-Identifier: Apache-2.0

import ByteCoding
public import Logging
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The policy in force, with its secrets: replaced as a whole or not at all.
public final class ActivePolicy: Sendable {
    /// What is in force at one moment.
    struct State: Sendable {
        let policy: Policy
        let secrets: SecretStore
    }

    private let vault: SecretVault?
    private let state: Mutex<State>

    /// Puts a policy in force.
    ///
    /// - Throws: as ``SecretStore/init(loading:vault:)``.
    public init(_ policy: Policy, vault: SecretVault? = nil) throws {
        self.vault = vault
        self.state = Mutex(State(policy: policy, secrets: try SecretStore(loading: policy, vault: vault)))
    }

    /// The policy in force.
    public var policy: Policy { self.current.policy }

    var current: State { self.state.withLock { $0 } }

    /// Reads the file again, and the files of its secrets, and puts both in force in one step.
    ///
    /// - Returns: the policy that is in force now.
    /// - Throws: what is wrong with the new one; the old one stays in force then.
    @discardableResult
    public func reload() throws -> Policy {
        let policy = try Policy(contentsOfFile: self.policy.file)
        let state = State(policy: policy, secrets: try SecretStore(loading: policy, vault: self.vault))
        self.state.withLock { $0 = state }
        return policy
    }

    /// Warns of secrets that the policy has in the store and the store has not, or cannot open: they are refused to everybody.
    public func warnOfMissingSecrets(to logger: Logger, at time: Date) async {
        guard let vault = self.vault else { return }
        for secret in self.policy.secrets where secret.source == .store {
            do {
                guard try await vault.open(secret, at: time).isEmpty else { continue }
                logger.warning(
                    "the policy names the secret `\(secret.name)`, and the store has no version of it in use: it is refused to everybody",
                    metadata: ["remedy": "put it there: sealwright broker secrets put \(secret.name) --file FILE"])
            } catch {
                logger.error("the store cannot open the secret `\(secret.name)`", metadata: Logger.metadata(of: error))
            }
        }
    }

    /// The files that the state in force was read from.
    var files: [String] {
        let policy = self.policy
        return [policy.file] + policy.secrets.compactMap { if case .file(let path) = $0.source { path } else { nil } }
    }
}
