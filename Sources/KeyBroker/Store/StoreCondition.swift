// SPDX-License-Identifier: Apache-2.0

import GRDB

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whether a store is in a condition to serve from, as far as can be seen before the first client waits.
///
/// Whoever starts a broker on a damaged store has to know it then, and not when an enclave is refused. The whole file is not read, for an audit
/// log grows to gigabytes: `broker store check` does that.
struct StoreCondition {
    /// The tables that releases depend on; small, or bounded in number.
    ///
    /// Evidence and collateral, which grow with the log, are not among them.
    private static let tables = ["store_information", "secret", "secret_version", "audit_tail", "used_challenge"]

    private let db: Database
    private let path: String

    init(_ db: Database, path: String) {
        self.db = db
        self.path = path
    }

    /// Requires those tables to be whole and the audit log to end where its signed end says.
    func requireSound() throws {
        for table in Self.tables {
            // A pragma takes no arguments; the names are ours.
            let finding = try String.fetchOne(self.db, sql: "PRAGMA quick_check('\(table)')")
            guard finding == "ok" else { throw StoreDatabase.damaged(self.path, "table \(table): \(finding ?? "cannot be checked")") }
        }
        let tail = try AuditTail.current(in: self.db)
        guard let last = try Row.fetchOne(self.db, sql: "SELECT sequence, hash FROM audit_record ORDER BY sequence DESC LIMIT 1") else {
            guard tail.sequence == 0 else { throw self.otherEnd(tail, 0) }
            return
        }
        let sequence: Int64 = last.value("sequence") ?? 0
        guard sequence == tail.sequence, last.value("hash") == Data(tail.hash.bytes) else { throw self.otherEnd(tail, sequence) }
    }

    private func otherEnd(_ tail: AuditTail, _ sequence: Int64) -> KeyBrokerError {
        StoreDatabase.damaged(
            self.path, "the audit log was signed up to record \(tail.sequence) and ends with record \(sequence), or with another one")
    }
}
