// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import GRDB

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Puts a store under another master key.
///
/// All versions of all secrets and the audit log's key are encrypted again in one transaction: a crash leaves the store under the old key or
/// under the new one, and starting over is harmless. No broker may serve from the store meanwhile, and challenges that were given out end.
public struct MasterKeyChange: Sendable {
    /// What was done.
    public enum Outcome: Hashable, Sendable {
        /// So many versions of secrets were encrypted again.
        case changed(versions: Int)
        /// The store is under the new key already.
        case doneBefore
    }

    private let path: String
    private let old: MasterKey.Source
    private let new: MasterKey.Source
    private let missingKey: MissingKey

    /// What to do about a new key's file that is not there.
    public enum MissingKey: Hashable, Sendable {
        /// Refuse.
        case refused
        /// Make it, once nothing else is in the way: a change that is refused leaves none behind.
        case made
    }

    /// Prepares; nothing is changed yet.
    public init(storePath: String, from old: MasterKey.Source, to new: MasterKey.Source, missingKey: MissingKey = .refused) {
        self.path = storePath
        self.old = old
        self.new = new
        self.missingKey = missingKey
    }

    /// Changes the key, and records that.
    ///
    /// - Throws: ``KeyBrokerError``: ``KeyBrokerError/Code-swift.struct/storeInUse`` when a broker serves from the store,
    ///   ``KeyBrokerError/Code-swift.struct/badMasterKey`` when the store opens under neither key.
    public func run(at time: Date) throws -> Outcome {
        for source in [self.old, self.new] { try source.requireElsewhere(thanStoreAt: self.path) }
        let path = try StoreFile.find(self.path, for: .readWrite)
        let lock = try StoreLock(storePath: path)
        defer { withExtendedLifetime(lock) {} }
        let database = try StoreDatabase(path: path, access: .readWrite)
        do {
            return try database.pool.writeWithoutTransaction { db in
                var outcome = Outcome.doneBefore
                try db.inTransaction(.immediate) {
                    outcome = try self.change(db, database, at: time)
                    return .commit
                }
                // What lies in the log is still under the old key; if a reader keeps it, the next checkpoint removes it.
                _ = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return outcome
            }
        } catch {
            throw error as? FileError ?? StoreDatabase.describe(error, path: path)
        }
    }

    private func change(_ db: Database, _ database: StoreDatabase, at time: Date) throws -> Outcome {
        let before: StoreKeys
        do {
            before = try StoreKeys.open(masterKey: self.old, in: db)
        } catch let error as KeyBrokerError where error.code == .badMasterKey {
            guard (try? StoreKeys.open(masterKey: self.new, in: db)) != nil else { throw error }
            return .doneBefore
        }
        if self.missingKey == .made, case .file(let file) = self.new, (try? FileStatus(path: file)) == nil { try MasterKey.generate(at: file) }
        guard (try? StoreKeys.open(masterKey: self.new, in: db)) == nil else {
            throw KeyBrokerError(.badRequest, "the new master key is the old one", remedy: "make another key")
        }
        let after = try before.replaced(under: self.new, in: db)
        let versions = try Self.encryptAgain(from: SecretSealing(before), to: SecretSealing(after), in: db, path: database.path)
        let event = AuditEvent("master-key-changed", details: ["versions": "\(versions)"], at: time)
        try AuditLog(database: database, signer: after.auditSigner).append(event, in: db)
        return .changed(versions: versions)
    }

    private static func encryptAgain(from old: SecretSealing, to new: SecretSealing, in db: Database, path: String) throws -> Int {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT secret_id, name, version, sealed FROM secret JOIN secret_version ON secret_id = id
                WHERE revoked_at IS NULL ORDER BY secret_id, version
                """)
        for row in rows {
            guard let identifier: Int64 = row.value("secret_id"), let name: String = row.value("name"), let version: Int = row.value("version"),
                let ciphertext: Data = row.value("sealed")
            else { throw StoreDatabase.damaged(path, "a row of its secrets cannot be read") }
            var bytes = try old.open(ciphertext, name: name, version: version)
            defer { wipe(&bytes) }
            let sealed = try new.seal(bytes.span, name: name, version: version)
            try db.execute(
                literal: "UPDATE secret_version SET sealed = \(sealed) WHERE secret_id = \(identifier) AND version = \(version)")
        }
        return rows.count
    }
}
