// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import GRDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Looking after a store: backups and checks, beside a broker that serves or without one.
///
/// No master key is needed.
public struct StoreMaintenance: Sendable {
    private let database: StoreDatabase

    /// Opens a store for reading.
    ///
    /// - Throws: ``KeyBrokerError``.
    public init(path: String) throws {
        try StoreFile.check(path)
        self.database = try StoreDatabase(path: path, access: .readOnly)
    }

    /// Copies the store as it is at one moment to a new file, which is whole or not there.
    ///
    /// Secrets in it are encrypted as they are in the store.
    ///
    /// - Throws: ``KeyBrokerError``; a file error when there is a file of that name.
    public func backUp(to path: String) throws {
        let partial = path + ".partial"
        guard (try? FileStatus(path: path)) == nil else { throw FileError(.publish, path: path, systemError: EEXIST) }
        try StoreFile.create(at: partial)
        do {
            let copy = try DatabaseQueue(path: partial)
            try self.database.pool.backup(to: copy)
            try copy.writeWithoutTransaction { db in
                // One file, with everything in it: a backup is copied as such.
                try db.execute(sql: "PRAGMA journal_mode = DELETE")
                guard try String.fetchOne(db, sql: "PRAGMA quick_check") == "ok" else {
                    throw KeyBrokerError(.storeDamaged, "the copy is damaged", remedy: "see `sealwright broker store check`")
                }
            }
            try copy.close()
            try StoreFile.publish(partial, as: path)
        } catch {
            StoreFile.remove(partial)
            throw StoreDatabase.describe(error, path: path)
        }
    }

    /// Looks for damage: the database's structure, its references, and the audit log's chain.
    public func check() async throws -> StoreCheck {
        let (structure, references) = try await self.database.pool.read { db in
            (
                try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" },
                try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
            )
        }
        let audit = try await self.database.pool.read { db in try AuditVerifier(db, publicKey: nil).verify(kept: []) }
        return StoreCheck(structureFaults: structure, danglingReferences: references, audit: audit)
    }
}

/// What a check of a store found.
public struct StoreCheck: Hashable, Sendable, Codable {
    /// What SQLite says about the file's structure; empty if it is whole.
    public let structureFaults: [String]
    /// Rows that refer to others which are not there.
    public let danglingReferences: Int
    /// The audit log.
    public let audit: AuditVerification

    /// Whether nothing is wrong.
    public var isIntact: Bool { self.structureFaults.isEmpty && self.danglingReferences == 0 && self.audit.isIntact }

    /// One line a finding.
    public var text: String {
        let structure = self.structureFaults.isEmpty ? ["structure: whole"] : self.structureFaults.map { "structure: \($0)" }
        return (structure + ["references: \(self.danglingReferences) dangling", "audit log: \(self.audit.text)"]).joined(separator: "\n")
    }
}
