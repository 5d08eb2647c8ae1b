// SPDX-License-Identifier: Apache-2.0

import ByteCoding
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

    /// Makes a new store under a new master key, or neither where that fails; a crash in between leaves the key alone.
    ///
    /// * `acceptingKey`: whether a key that is there is taken, as a crash leaves one. Keys appear whole or not at all.
    ///
    /// - Throws: ``KeyBrokerError``; a file error when the store is there already, or the key and it is not to be taken.
    public static func create(at path: String, makingMasterKeyAt keyPath: String, acceptingKey: Bool = false) throws {
        // What would refuse the store is looked at before there is a key that could be taken for one in use.
        try MasterKey.Source.file(keyPath).requireElsewhere(thanStoreAt: path)
        guard try StoreFile.size(of: path) == nil else { throw StoreFile.exists(path) }
        if acceptingKey, try StoreFile.size(of: keyPath) != nil { return try Self.create(at: path, masterKey: .file(keyPath)) }
        try MasterKey.generate(at: keyPath)
        do {
            try Self.create(at: path, masterKey: .file(keyPath))
        } catch {
            // Nothing is under it: the store was not made.
            StoreFile.remove(keyPath)
            throw error
        }
    }

    /// Opens a store.
    ///
    /// - Throws: ``KeyBrokerError``: ``KeyBrokerError/Code-swift.struct/storeInUse`` when another broker serves from it,
    ///   ``KeyBrokerError/Code-swift.struct/badMasterKey`` for a key that it was not made with.
    public init(path: String, masterKey source: MasterKey.Source, for use: Use) throws {
        try source.requireElsewhere(thanStoreAt: path)
        let path = try StoreFile.find(path, for: .readWrite)
        self.lock = use == .serving ? try StoreLock(storePath: path) : nil
        let database = try StoreDatabase(path: path, access: .readWrite)
        let keys = try database.readAtOnce { db in
            if use == .serving { try StoreCondition(db, path: path).requireSound() }
            return try StoreKeys.open(masterKey: source, in: db)
        }
        self.audit = AuditLog(database: database, signer: keys.auditSigner)
        self.secrets = SecretVault(database: database, keys: keys, audit: self.audit)
        self.challengeKey = keys.challenges
    }
}

extension BrokerStore {
    /// Lets the store's file grow to so many pages and no further, as a full disk does.
    package func limitSize(pages: Int) throws { try self.audit.limitSize(pages: pages) }
}
