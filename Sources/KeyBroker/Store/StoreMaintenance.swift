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
        self.database = try StoreDatabase(path: try StoreFile.find(path, for: .readOnly), access: .readOnly)
    }

    /// Copies the store as it is at one moment to a new file, which is whole or not there.
    ///
    /// Secrets in it are encrypted as they are in the store.
    ///
    /// - Throws: ``KeyBrokerError``; a file error when there is a file of that name.
    public func backUp(to path: String) throws {
        let partial = StoreFile.unfinishedBackup(path)
        guard (try? FileStatus(path: path)) == nil else { throw StoreFile.exists(path) }
        try StoreFile.create(at: partial)
        do {
            try self.fill(partial)
            try StoreFile.publish(partial, as: path)
        } catch {
            StoreFile.remove(partial)
            throw error as? FileError ?? StoreDatabase.describe(error, path: path)
        }
    }

    /// Copies the store to a new file, which is the caller's to remove if that fails.
    func copy(to path: String) throws {
        try StoreFile.create(at: path)
        do { try self.fill(path) } catch { throw StoreDatabase.describe(error, path: self.database.path) }
    }

    private func fill(_ path: String) throws {
        let copy = try DatabaseQueue(path: path)
        try self.database.pool.backup(to: copy)
        try copy.writeWithoutTransaction { db in
            // One file, with everything in it, and a header that says so, by which a backup is known from a store that was opened (``StoreFile``).
            guard try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE") == "delete" else {
                throw KeyBrokerError(.storeFailed, "the copy \(path) cannot be made one file", remedy: "put it on a local disk")
            }
            guard try String.fetchOne(db, sql: "PRAGMA quick_check") == "ok" else {
                throw KeyBrokerError(.storeDamaged, "the copy is damaged", remedy: "see `sealwright broker store check`")
            }
        }
        try copy.close()
    }

    /// Looks for damage: the database's structure, its references, and the audit log's chain.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/storeDamaged`` when so much is damaged that nothing can be told of the rest.
    public func check() async throws -> StoreCheck {
        let (structure, references) = try await self.database.read { db in try Self.checkStructure(db) }
        let audit = try await self.database.read { db in try AuditVerifier(db, publicKey: nil).verify(kept: []) }
        return StoreCheck(structureFaults: structure, danglingReferences: references, audit: audit)
    }

    private static func checkStructure(_ db: Database) throws -> (faults: [String], danglingReferences: Int) {
        var faults: [String] = []
        do {
            let findings = try String.fetchCursor(db, sql: "PRAGMA integrity_check(20)")
            while let finding = try findings.next() { if finding != "ok" { faults.append(finding) } }
        } catch  where StoreDatabase.isDamage(error) {
            faults.append("the structure cannot be followed further: the file is damaged")
        }
        do {
            return (faults, try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count)
        } catch  where StoreDatabase.isDamage(error) {
            faults.append("references cannot be followed: the file is damaged")
            return (faults, 0)
        }
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
