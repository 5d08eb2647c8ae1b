// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import GRDB

/// The connections to a store's SQLite file.
final class StoreDatabase: Sendable {
    enum Access {
        case readWrite, readOnly
    }

    /// How long a commit waits for another process's.
    private static let busyTimeout = 10.0
    private static let readers = 4
    /// `PRAGMA synchronous = FULL`: in write-ahead mode each commit is synced before it is acknowledged.
    private static let synchronousFull = 2

    let path: String
    let pool: DatabasePool

    /// Opens the file and brings its schema up to date.
    init(path: String, access: Access) throws(KeyBrokerError) {
        self.path = path
        do {
            self.pool = try DatabasePool(path: path, configuration: Self.configuration(access))
            if access == .readWrite {
                try StoreSchema.migrator.migrate(self.pool)
                try Self.requireDurability(self.pool)
            }
            try StoreSchema.requireKnown(self.pool)
        } catch let error as KeyBrokerError {
            throw error
        } catch {
            throw Self.describe(error, path: path)
        }
    }

    private static func configuration(_ access: Access) -> Configuration {
        var configuration = Configuration()
        configuration.label = "sealwright-broker"
        configuration.readonly = access == .readOnly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Self.busyTimeout)
        configuration.maximumReaderCount = Self.readers
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
            // What is replaced or removed, such as a revoked version, leaves no copy in the file's free space.
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        return configuration
    }

    /// The pool's own default is weaker: it syncs at checkpoints only, and a commit could be lost with the machine's power.
    private static func requireDurability(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
            let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
            guard mode == "wal", synchronous == Self.synchronousFull else {
                throw KeyBrokerError(
                    .storeFailed, "the file system of the store does not take write-ahead logging (journal mode \(mode ?? "unknown"))",
                    remedy: "put the store on a local disk")
            }
        }
    }

    /// Reads, off the caller's thread.
    ///
    /// - Throws: a ``KeyBrokerError`` for what the database says; what `body` throws of its own as it is.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await self.pool.read(body)
        } catch let error where error is DatabaseError || error is RowDecodingError {
            throw Self.describe(error, path: self.path)
        }
    }

    /// Reads on the caller's thread; for what is done before a broker serves.
    ///
    /// - Throws: as ``read(_:)``.
    func readAtOnce<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try self.pool.read(body)
        } catch let error where error is DatabaseError || error is RowDecodingError {
            throw Self.describe(error, path: self.path)
        }
    }

    /// Whether an error is about bytes of the file that are not what SQLite wrote.
    static func isDamage(_ error: any Error) -> Bool {
        if error is RowDecodingError { return true }
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB
    }

    private static let restoreRemedy = "restore it from a backup: sealwright broker store restore"

    /// The error for a store that has to be restored.
    static func damaged(_ path: String, _ finding: String) -> KeyBrokerError {
        KeyBrokerError(.storeDamaged, "the store \(path) is damaged: \(finding)", remedy: Self.restoreRemedy)
    }

    /// Says what a database error means to an operator.
    static func describe(_ error: any Error, path: String) -> KeyBrokerError {
        if let known = error as? KeyBrokerError { return known }
        if error is RowDecodingError { return Self.damaged(path, "a value is not of its column's type") }
        guard let error = error as? DatabaseError else { return KeyBrokerError(.storeFailed, "the store \(path) failed: \(error)") }
        switch error.resultCode {
        case .SQLITE_FULL:
            return KeyBrokerError(
                .storeFailed, "no space is left for the store \(path)", remedy: "free some space; nothing is released meanwhile, and nothing is lost")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return KeyBrokerError(.storeFailed, "the store \(path) is locked by another process", remedy: "wait for it to end, then try again")
        case .SQLITE_NOTADB:
            return KeyBrokerError(
                .storeDamaged, "\(path) is no broker's store, or its beginning is damaged: \(error.message ?? "")", remedy: Self.restoreRemedy)
        case .SQLITE_CORRUPT: return Self.damaged(path, error.message ?? "a page cannot be read")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            return KeyBrokerError(
                .storeFailed, "the store \(path) cannot be opened: \(error.message ?? "")",
                remedy: "check that file and folder belong to the broker's user, and that the folder is writable")
        default: return KeyBrokerError(.storeFailed, "the store \(path) failed: \(error.message ?? "\(error.resultCode)")")
        }
    }
}
