// SPDX-License-Identifier: Apache-2.0

import GRDB

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A store's audit log for whoever reads it; no master key is needed.
public struct AuditArchive: Sendable {
    /// Which records are wanted.
    public struct Filter: Hashable, Sendable {
        /// Of this kind alone.
        public var kind: AuditRecord.Kind?
        /// About this secret alone: released, changed, or refused to a peer that asked for it.
        public var secret: String?
        /// With this failed check alone.
        public var failedCheck: String?
        /// Not before.
        public var since: Date?
        /// Not after.
        public var until: Date?

        /// All records.
        public init() {}
    }

    private let database: StoreDatabase

    /// Opens a store's log for reading.
    ///
    /// - Throws: ``KeyBrokerError``.
    public init(path: String) throws {
        self.database = try StoreDatabase(path: try StoreFile.find(path, for: .readOnly), access: .readOnly)
    }

    /// A page of records, the newest first.
    ///
    /// `before`: the sequence number that the page ends before; `nil` for the newest page.
    public func list(_ filter: Filter = Filter(), before: Int64? = nil, limit: Int) async throws -> [AuditRecord] {
        let (conditions, arguments) = Self.conditions(filter, extra: before.map { ("sequence < ?", $0) })
        let sql = "SELECT \(AuditRecord.columns) FROM audit_record\(conditions) ORDER BY sequence DESC LIMIT ?"
        return try await self.database.read { db in
            try Row.fetchAll(db, sql: sql, arguments: arguments + [limit]).map { try AuditRecord(row: $0) }
        }
    }

    /// One record; `nil` if there is none of that number.
    public func record(_ sequence: Int64) async throws -> AuditRecord? {
        try await self.database.read { db in
            try Row.fetchOne(db, sql: "SELECT \(AuditRecord.columns) FROM audit_record WHERE sequence = ?", arguments: [sequence]).map {
                try AuditRecord(row: $0)
            }
        }
    }

    /// Hands out records in their order, one at a time, as the log stood when it began.
    public func export(_ filter: Filter = Filter(), to body: @escaping @Sendable (AuditRecord) throws -> Void) async throws {
        let (conditions, arguments) = Self.conditions(filter, extra: nil)
        let sql = "SELECT \(AuditRecord.columns) FROM audit_record\(conditions) ORDER BY sequence"
        try await self.database.read { db in
            let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
            while let row = try rows.next() { try body(try AuditRecord(row: row)) }
        }
    }

    /// The signed end of the log; for keeping elsewhere.
    public func tail() async throws -> AuditTail {
        try await self.database.read { db in try AuditTail.current(in: db) }
    }

    /// Looks at the whole log and finds what was changed, removed or put elsewhere.
    ///
    /// * `publicKey`: the audit key that signatures have to be of; the store's own unless it is given, and then somebody who replaced it goes unseen.
    /// * `kept`: ends of the log that were kept elsewhere, which a log that was cut off or written anew does not have.
    public func verify(publicKey: [UInt8]? = nil, kept: [AuditTail] = []) async throws -> AuditVerification {
        try await self.database.read { db in try AuditVerifier(db, publicKey: publicKey).verify(kept: kept) }
    }

    /// The decisions about verified enclaves, in order, for making them again.
    ///
    /// `body` gets a record with the evidence that it was made on; `nil` where what is kept is not that.
    func decisions(_ body: @escaping @Sendable (AuditRecord, RecordedEvidence?) throws -> Void) async throws {
        try await self.database.read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT \(AuditRecord.columns) FROM audit_record WHERE kind <> ? ORDER BY sequence",
                arguments: [AuditRecord.Kind.event.rawValue])
            while let row = try rows.next() {
                let record = try AuditRecord(row: row)
                guard record.keepsEvidence else { continue }
                let evidence = try RecordedEvidence.fetch(db, sequence: record.sequence)
                try body(record, evidence?.belongs(to: record) == true ? evidence : nil)
            }
        }
    }

    /// Whether a refused peer asked for a secret; a body that was spoiled is of none.
    ///
    /// The name is looked for as it is written first: decoding every refusal would take most of the time.
    private static let isAskedFor = """
        kind = 'refused' AND instr(body, ?) > 0 AND EXISTS (
            SELECT 1 FROM json_each(CASE WHEN json_valid(body) THEN body ELSE '{}' END, '$.asked') WHERE value = ?)
        """

    private static func conditions(_ filter: Filter, extra: (String, Int64)?) -> (sql: String, arguments: StatementArguments) {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        add("kind = ?", filter.kind?.rawValue)
        if let secret = filter.secret {
            conditions.append("(secret = ? OR \(Self.isAskedFor))")
            var written = CompactJSON()
            written.string(secret)
            arguments += [secret, String(decoding: written.bytes, as: UTF8.self), secret]
        }
        add("failed_check = ?", filter.failedCheck)
        add("time >= ?", filter.since?.milliseconds)
        add("time <= ?", filter.until?.milliseconds)
        if let extra { add(extra.0, extra.1) }
        return (conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND "), arguments)
    }
}
