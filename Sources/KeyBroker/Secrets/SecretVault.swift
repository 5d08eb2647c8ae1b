// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import GRDB

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The secrets in a broker's store: versions, encrypted under the store's master key (AES-256-GCM).
///
/// Each change is recorded in the audit log in the same transaction. A revoked version's bytes are removed.
public struct SecretVault: Sendable {
    /// A version of a secret as lists show it.
    public struct Version: Hashable, Sendable, Codable {
        /// What can be done with a version.
        public enum State: String, Hashable, Sendable, Codable {
            /// Released to whoever may have the secret.
            case current
            /// Released beside the current one, until its overlap window ends.
            case overlapping
            /// Not released any more; may be looked up by the owner.
            case retired
            /// Not released any more; its bytes are gone.
            case revoked
        }

        /// Name of the secret.
        public let name: String
        /// Number, from 1.
        public let version: Int
        /// When it was put there.
        public let created: Date
        /// When its overlap window ends.
        public let retires: Date?
        /// When it was revoked.
        public let revoked: Date?
        /// What can be done with it.
        public let state: State
    }

    private let database: StoreDatabase
    private let keys: StoreKeys
    private let sealing: SecretSealing
    private let audit: AuditLog

    init(database: StoreDatabase, keys: StoreKeys, audit: AuditLog) {
        self.database = database
        self.keys = keys
        self.sealing = SecretSealing(keys)
        self.audit = audit
    }

    // MARK: - Looking

    /// All versions of all secrets, or of one.
    public func list(_ name: String? = nil, at time: Date) async throws -> [Version] {
        try await self.reading { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, version, created_at, retires_at, revoked_at FROM secret JOIN secret_version ON secret_id = id
                    WHERE ? IS NULL OR name = ? ORDER BY name, version
                    """, arguments: [name, name])
            return try rows.map { row in
                guard let version = Version(row: row, at: time) else { throw self.unreadableRow }
                return version
            }
        }
    }

    /// The versions that may be released, the current one first.
    func open(_ secret: SecretDescription, at time: Date) async throws -> [StoredSecret] {
        let now = time.milliseconds
        let sealed = try await self.reading { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT version, sealed FROM secret JOIN secret_version ON secret_id = id
                    WHERE name = ? AND revoked_at IS NULL AND (retires_at IS NULL OR retires_at > ?)
                    ORDER BY version DESC
                    """)
            return try Row.fetchAll(statement, arguments: [secret.name, now]).map { row in
                guard let version: Int = row.value("version"), let bytes: Data = row.value("sealed") else { throw self.unreadableRow }
                return (version: version, bytes: bytes)
            }
        }
        return try sealed.map { sealed in
            var bytes = try self.sealing.open(sealed.bytes, name: secret.name, version: sealed.version)
            defer { wipe(&bytes) }
            return try StoredSecret(secret, version: sealed.version, bytes: bytes.span)
        }
    }

    // MARK: - Changing

    /// Puts a new secret into the store.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/badRequest`` when there is one of that name,
    ///   ``KeyBrokerError/Code-swift.struct/publishedKey`` for a key that everybody has.
    public func put(_ name: String, _ secret: Span<UInt8>, at time: Date) throws {
        try Self.check(name, secret)
        let sealed = try self.sealing.seal(secret, name: name, version: 1)
        try self.changing { db in
            guard try Self.identifier(of: name, in: db) == nil else {
                throw KeyBrokerError(
                    .badRequest, "the store has a secret `\(name)`", remedy: "to give it a new version: sealwright broker secrets rotate")
            }
            try db.execute(literal: "INSERT INTO secret (name) VALUES (\(name))")
            try Self.insert(sealed, version: 1, of: db.lastInsertedRowID, at: time, in: db)
            return AuditEvent("secret-put", secret: name, details: ["version": "1"], at: time)
        }
    }

    /// Gives a secret a new version, which is current at once.
    ///
    /// The version before is released beside it until `overlap` has passed: over Gramine's protocol the current one alone goes out, over
    /// HTTPS both.
    ///
    /// - Returns: the new version's number.
    public func rotate(_ name: String, _ secret: Span<UInt8>, overlap: Duration, at time: Date) throws -> Int {
        try Self.check(name, secret)
        guard overlap >= .zero else { throw KeyBrokerError(.badRequest, "an overlap window cannot be negative") }
        var bytes = [UInt8](copying: secret)
        defer { wipe(&bytes) }
        return try self.rotate(name, to: bytes, overlap: overlap, at: time)
    }

    private func rotate(_ name: String, to secret: [UInt8], overlap: Duration, at time: Date) throws -> Int {
        let retires = time.milliseconds + overlap.components.seconds * 1000
        return try self.changing { db in
            let identifier = try Self.required(name, in: db)
            // The number is found where no other rotation can come in between, and the version is sealed under it.
            let version = try Self.newestVersion(of: identifier, in: db) + 1
            let sealed = try self.sealing.seal(secret.span, name: name, version: version)
            try db.execute(
                literal: """
                    UPDATE secret_version SET retires_at = \(retires)
                    WHERE secret_id = \(identifier) AND retires_at IS NULL AND revoked_at IS NULL
                    """)
            try Self.insert(sealed, version: version, of: identifier, at: time, in: db)
            let details = ["version": "\(version)", "overlap-seconds": "\(overlap.components.seconds)"]
            return (AuditEvent("secret-rotated", secret: name, details: details, at: time), version)
        }
    }

    /// Takes a version, or all of them, out of use for ever and removes the bytes.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/noSecret`` when there is nothing to revoke.
    public func revoke(_ name: String, version: Int?, at time: Date) throws {
        try self.changing { db in
            let identifier = try Self.required(name, in: db)
            try db.execute(
                literal: """
                    UPDATE secret_version SET revoked_at = \(time.milliseconds), sealed = x''
                    WHERE secret_id = \(identifier) AND revoked_at IS NULL AND (\(version) IS NULL OR version = \(version))
                    """)
            guard db.changesCount > 0 else {
                throw KeyBrokerError(
                    .noSecret, "the secret `\(name)` has no version \(version.map { "\($0) " } ?? "")that is not revoked",
                    remedy: "see `sealwright broker secrets list`")
            }
            return AuditEvent("secret-revoked", secret: name, details: ["version": version.map { "\($0)" } ?? "all"], at: time)
        }
    }

    /// Removes a secret with all its versions.
    public func delete(_ name: String, at time: Date) throws {
        try self.changing { db in
            try db.execute(literal: "DELETE FROM secret WHERE id = \(try Self.required(name, in: db))")
            return AuditEvent("secret-deleted", secret: name, at: time)
        }
    }

    // MARK: -

    /// The longest name of a secret, in bytes.
    private static let nameLimit = 128

    private static func check(_ name: String, _ secret: Span<UInt8>) throws(KeyBrokerError) {
        let allowed = name.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_.".utf8.contains(byte)
        }
        guard allowed, (1...Self.nameLimit).contains(name.utf8.count) else {
            throw KeyBrokerError(
                .badRequest, "`\(name.prefix(Self.nameLimit))` is no name of a secret",
                remedy: "use letters, digits, `-`, `_` and `.`, \(Self.nameLimit) at most")
        }
        guard (1...SecretStore.sizeLimit).contains(secret.count) else {
            throw KeyBrokerError(
                .badSecret, "a secret of \(secret.count) bytes cannot be kept", remedy: "secrets are 1 to \(SecretStore.sizeLimit) bytes long")
        }
        try PublishedKey.refuse(secret, name: name)
    }

    private static func identifier(of name: String, in db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT id FROM secret WHERE name = ?", arguments: [name])
    }

    private static func required(_ name: String, in db: Database) throws -> Int64 {
        guard let identifier = try Self.identifier(of: name, in: db) else {
            throw KeyBrokerError(.noSecret, "the store has no secret `\(name)`", remedy: "see `sealwright broker secrets list`")
        }
        return identifier
    }

    private static func newestVersion(of identifier: Int64, in db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT max(version) FROM secret_version WHERE secret_id = ?", arguments: [identifier]) ?? 0
    }

    private static func insert(_ sealed: Data, version: Int, of identifier: Int64, at time: Date, in db: Database) throws {
        try db.execute(
            literal: """
                INSERT INTO secret_version (secret_id, version, created_at, sealed)
                VALUES (\(identifier), \(version), \(time.milliseconds), \(sealed))
                """)
    }

    private var unreadableRow: KeyBrokerError { StoreDatabase.damaged(self.database.path, "a row of its secrets cannot be read") }

    private func reading<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await self.database.pool.read(body)
        } catch {
            throw StoreDatabase.describe(error, path: self.database.path)
        }
    }

    /// Changes the store and records the change, which `body` returns: both or neither.
    private func changing(_ body: (Database) throws -> AuditEvent) throws {
        try self.changing { db in (try body(db), ()) }
    }

    private func changing<Value>(_ body: (Database) throws -> (AuditEvent, Value)) throws -> Value {
        do {
            return try self.database.pool.writeWithoutTransaction { db in
                var value: Value?
                try db.inTransaction(.immediate) {
                    try self.keys.requireCurrent(in: db)
                    let (event, result) = try body(db)
                    try self.audit.append(event, in: db)
                    value = result
                    return .commit
                }
                guard let value else { throw KeyBrokerError(.storeFailed, "the change was not made") }
                return value
            }
        } catch {
            throw StoreDatabase.describe(error, path: self.database.path)
        }
    }
}

extension SecretVault.Version {
    /// `nil` for a row of a damaged store.
    fileprivate init?(row: Row, at time: Date) {
        guard let name: String = row.value("name"), let version: Int = row.value("version"), let created: Int64 = row.value("created_at"),
            row.isEmpty("retires_at", orHolds: Int64.self), row.isEmpty("revoked_at", orHolds: Int64.self)
        else { return nil }
        let retires = row.value("retires_at").map { Date(milliseconds: $0) }
        let revoked = row.value("revoked_at").map { Date(milliseconds: $0) }
        let state: State =
            if revoked != nil { .revoked } else if let retires { retires > time ? .overlapping : .retired } else { .current }
        self.init(
            name: name, version: version, created: Date(milliseconds: created), retires: retires, revoked: revoked, state: state)
    }
}
