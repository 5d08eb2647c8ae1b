// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import GRDB
import KeyBroker
import TestSupport
import Testing

@Suite("A damaged store")
struct DamagedStoreTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    /// A store with a secret and some records, which nobody uses now.
    private static func site() async throws -> (folder: ScratchFolder, path: String, key: MasterKey.Source) {
        let folder = try ScratchFolder()
        try folder.write([], to: "store/.made")
        let (path, key) = (folder.file("store/s"), MasterKey.Source.file(try folder.write([UInt8](0..<32), to: "keys/master")))
        try BrokerStore.create(at: path, masterKey: key)
        let store = try BrokerStore(path: path, masterKey: key, for: .administration)
        let secret = [UInt8](0..<16)
        try store.secrets.put("k", secret.span, at: Self.now)
        for number in 0..<10 { try await store.audit.append(AuditEvent("test", details: ["n": "\(number)"], at: Self.now)) }
        return (folder, path, key)
    }

    /// Overwrites the first page of a table.
    private static func damage(_ table: String, of path: String) throws {
        let (page, size) = try DatabaseQueue(path: path).read { db in
            (
                try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [table]) ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            )
        }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: UInt64((page - 1) * size))
        try file.write(contentsOf: Data(repeating: 0xa5, count: size))
        try file.close()
    }

    private static func code(_ body: () async throws -> Void) async -> KeyBrokerError.Code? {
        do { try await body() } catch {
            let error = error as? KeyBrokerError
            #expect(error?.remedy?.contains("store restore") == true, "\(error?.message ?? "")")
            #expect(error?.exitStatus == .badData)
            return error?.code
        }
        return nil
    }

    @Test("is not served from", arguments: ["secret_version", "secret", "store_information", "audit_tail", "used_challenge"])
    func serving(table: String) async throws {
        let (folder, path, key) = try await Self.site()
        _ = try BrokerStore(path: path, masterKey: key, for: .serving)
        try Self.damage(table, of: path)
        #expect(await Self.code { _ = try BrokerStore(path: path, masterKey: key, for: .serving) } == .storeDamaged)
        withExtendedLifetime(folder) {}
    }

    @Test("is not served from when its audit log does not end where it was signed")
    func end() async throws {
        let (folder, path, key) = try await Self.site()
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "DELETE FROM audit_record WHERE sequence = 11") }
        #expect(await Self.code { _ = try BrokerStore(path: path, masterKey: key, for: .serving) } == .storeDamaged)
        withExtendedLifetime(folder) {}
    }

    @Test("shows in its check, and what cannot be read of its audit log is told", arguments: ["secret_version", "audit_record"])
    func check(table: String) async throws {
        let (folder, path, _) = try await Self.site()
        try Self.damage(table, of: path)
        let check = try await StoreMaintenance(path: path).check()
        #expect(!check.structureFaults.isEmpty, "\(check.text)")
        let archive = try AuditArchive(path: path)
        guard table == "audit_record" else { return }
        #expect(try await archive.verify().faults.map(\.kind).contains("unreadable"))
        #expect(await Self.code { _ = try await archive.list(limit: 5) } == .storeDamaged)
        #expect(await Self.code { _ = try await archive.record(3) } == .storeDamaged)
        #expect(await Self.code { try await archive.export { _ in } } == .storeDamaged)
        withExtendedLifetime(folder) {}
    }

    @Test(
        "tells what is damaged of the evidence, and checks the rest of its log all the same",
        arguments: [("audit_evidence", [1]), ("collateral", [1, 2])])
    func evidence(table: String, unreadable: [Int64]) async throws {
        try await RunningBroker.with { broker in
            for _ in 0..<2 { _ = try await broker.ask() }
            let event = AuditEvent("test", at: Self.now)
            try await broker.store.audit.append(event)
            try Self.change(broker, "UPDATE audit_record SET body = body || ' ' WHERE sequence = 3")
            // A copy is one file, which nobody has open.
            let copy = broker.folder.file("keys/copy")
            try StoreMaintenance(path: broker.folder.file("store/broker.sqlite")).backUp(to: copy)
            try Self.damage(table, of: copy)
            let check = try await StoreMaintenance(path: copy).check()
            #expect(!check.structureFaults.isEmpty, "\(check.text)")
            #expect(check.audit.records == 3)
            let expected = unreadable.map { "unreadable \($0)" } + ["record-changed 3"]
            #expect(check.audit.faults.map { "\($0.kind) \($0.sequence)" } == expected, "\(check.text)")
        }
    }

    /// Changes the database behind the broker's back.
    private static func change(_ broker: RunningBroker, _ sql: String) throws {
        try DatabaseQueue(path: broker.folder.file("store/broker.sqlite")).write { try $0.execute(sql: sql) }
    }

    /// Rows of types that their columns do not allow, as damage leaves them.
    private static let misplaced = [
        "secret_version SET created_at = 'x'", "secret_version SET retires_at = 'x'", "secret_version SET revoked_at = x'00ff'",
        "secret_version SET sealed = 7",
    ]

    @Test("whose secrets are of other types than they can be is told as damaged, and ends nothing", arguments: misplaced)
    func types(change: String) async throws {
        let (folder, path, key) = try await Self.site()
        let store = try BrokerStore(path: path, masterKey: key, for: .administration)
        try await DatabaseQueue(path: path).write { db in
            try db.execute(
                sql: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_master SET sql = replace(sql, 'STRICT, ', '') WHERE name = 'secret_version';
                    PRAGMA writable_schema = RESET
                    """)
        }
        try await DatabaseQueue(path: path).write { db in try db.execute(sql: "UPDATE \(change)") }
        if change.contains("_at") { #expect(await Self.code { _ = try await store.secrets.list(at: Self.now) } == .storeDamaged) }
        let other = MasterKey.Source.file(try folder.write([UInt8](1..<33), to: "keys/other"))
        guard change.contains("sealed") else { return }
        #expect(await Self.code { _ = try MasterKeyChange(storePath: path, from: key, to: other).run(at: Self.now) } == .storeDamaged)
    }

    @Test("whose keys, end or first page cannot be read is told as damaged", arguments: ["store_information", "audit_tail", "sqlite_master"])
    func beginning(table: String) async throws {
        let (folder, path, key) = try await Self.site()
        if table == "sqlite_master" {
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.write(contentsOf: Data(repeating: 0xa5, count: 4096))
            try file.close()
        } else {
            try Self.damage(table, of: path)
        }
        #expect(await Self.code { _ = try await AuditArchive(path: path).verify() } == .storeDamaged)
        #expect(await Self.code { _ = try await StoreMaintenance(path: path).check() } == .storeDamaged)
        #expect(await Self.code { _ = try BrokerStore(path: path, masterKey: key, for: .serving) } == .storeDamaged)
        withExtendedLifetime(folder) {}
    }
}
