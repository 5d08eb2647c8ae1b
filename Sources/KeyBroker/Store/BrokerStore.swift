// SPDX-License-Identifier: Apache-2.0

import Crypto
import GRDB

/// What a key broker keeps: its secrets, its audit log and the challenges that were used, in one SQLite file.
///
/// What was acknowledged survives a crash at any instant: the database writes ahead and syncs each commit. Secrets are encrypted under a
/// ``MasterKey``, which is never in the file.
public struct BrokerStore: Sendable {
    /// How a store is opened.
    public enum Use: Hashable, Sendable {
        /// By a broker that serves; there is at most one.
        case serving
        /// For a short change or a look, which a serving broker allows beside it.
        case administration
    }

    /// The secrets.
    public let secrets: SecretVault
    /// The decisions and changes, each in a chain of hashes.
    public let audit: AuditLog
    /// What signs and checks challenges of this store.
    let challengeKey: SymmetricKey
    /// Held while a broker serves.
    private let lock: StoreLock?

    /// Makes a new store.
    ///
    /// - Throws: ``KeyBrokerError``; a file error when there is a file already.
    public static func create(at path: String, masterKey source: MasterKey.Source) throws {
        try source.requireElsewhere(thanStoreAt: path)
        try StoreFile.create(at: path)
        do {
            let database = try StoreDatabase(path: path, access: .readWrite)
            try database.pool.write { db in
                let keys = try StoreKeys.create(masterKey: source, in: db)
                try AuditTail.start(in: db, signer: keys.auditSigner)
            }
        } catch {
            // A store without its keys is none.
            for suffix in ["", "-wal", "-shm"] { StoreFile.remove(path + suffix) }
            throw error
        }
    }

    /// Opens a store.
    ///
    /// - Throws: ``KeyBrokerError``: ``KeyBrokerError/Code-swift.struct/storeInUse`` when another broker serves from it,
    ///   ``KeyBrokerError/Code-swift.struct/badMasterKey`` for a key that it was not made with.
    public init(path: String, masterKey source: MasterKey.Source, for use: Use) throws {
        try source.requireElsewhere(thanStoreAt: path)
        try StoreFile.check(path)
        self.lock = use == .serving ? try StoreLock(storePath: path) : nil
        let database = try StoreDatabase(path: path, access: .readWrite)
        let keys = try database.pool.read { db in try StoreKeys.open(masterKey: source, in: db) }
        self.audit = AuditLog(database: database, signer: keys.auditSigner)
        self.secrets = SecretVault(database: database, keys: keys, audit: self.audit)
        self.challengeKey = keys.challenges
    }
}

extension BrokerStore {
    /// Lets the store's file grow to so many pages and no further, as a full disk does.
    package func limitSize(pages: Int) throws { try self.audit.limitSize(pages: pages) }
}
