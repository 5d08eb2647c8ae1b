// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import KeyBroker
import TestSupport
import Testing

@Suite("An audit log")
struct AuditLogTests {
    /// A store with a log of events.
    private struct Log {
        let folder: ScratchFolder
        let store: BrokerStore

        init(events: Int = 0) async throws {
            self.folder = try ScratchFolder()
            self.store = try RunningBroker.store(in: self.folder)
            for number in 0..<events { try await self.append(number) }
        }

        var path: String { self.folder.file("store/broker.sqlite") }
        var archive: AuditArchive { get throws { try AuditArchive(path: self.path) } }

        func append(_ number: Int) async throws {
            let event = AuditEvent("test", secret: "s\(number % 2)", details: ["n": "\(number)"], at: Date(timeIntervalSince1970: Double(number)))
            try await self.store.audit.append(event)
        }

        /// Changes the database behind the broker's back.
        func tamper(_ sql: String) throws { try DatabaseQueue(path: self.path).write { try $0.execute(sql: sql) } }
    }

    @Test("is intact as it is written, and empty too")
    func intact() async throws {
        let empty = try await Log()
        #expect(try await empty.archive.verify().isIntact)
        let log = try await Log(events: 20)
        let verification = try await log.archive.verify()
        #expect(verification.isIntact, "\(verification.text)")
        #expect(verification.records == 20)
    }

    @Test("numbers what is appended at once without a gap, in few commits")
    func concurrent() async throws {
        let log = try await Log()
        try await withThrowingTaskGroup { group in
            for number in 0..<200 { group.addTask { try await log.append(number) } }
            try await group.waitForAll()
        }
        let records = try await log.archive.list(limit: 1000)
        #expect(records.map(\.sequence) == Array((1...200).reversed()))
        #expect(Set(records.map(\.body)).count == 200)
        #expect(try await log.archive.verify().isIntact)
    }

    @Test("is listed by page, kind, secret and time")
    func pages() async throws {
        let log = try await Log(events: 10)
        let archive = try log.archive
        #expect(try await archive.list(limit: 3).map(\.sequence) == [10, 9, 8])
        #expect(try await archive.list(before: 8, limit: 3).map(\.sequence) == [7, 6, 5])
        var filter = AuditArchive.Filter()
        filter.secret = "s1"
        filter.since = Date(timeIntervalSince1970: 2)
        filter.until = Date(timeIntervalSince1970: 6)
        #expect(try await archive.list(filter, limit: 10).map(\.sequence) == [6, 4])
        filter.kind = .released
        #expect(try await archive.list(filter, limit: 10).isEmpty)
        #expect(try await archive.record(4)?.event?.details == ["n": "3"])
        #expect(try await archive.record(11) == nil)
    }

    @Test("is exported as one JSON object a line")
    func export() async throws {
        let log = try await Log(events: 3)
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        try await log.archive.export { continuation.yield($0.jsonLine) }
        continuation.finish()
        var sequences: [Int] = []
        for await line in lines {
            #expect(!line.contains("\n"))
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            sequences.append(try #require(object["sequence"] as? Int))
            #expect((object["record"] as? [String: Any])?["event"] as? String == "test")
        }
        #expect(sequences == [1, 2, 3])
    }

    /// What somebody does to the database, and what is found.
    struct Tampering: CustomTestStringConvertible, Sendable {
        let what: String
        let sql: String
        let kind: String
        let sequence: Int64
        var testDescription: String { self.what }
    }

    private static let tamperings = [
        Tampering(
            what: "a changed body", sql: "UPDATE audit_record SET body = replace(body, '\"3\"', '\"4\"') WHERE sequence = 4",
            kind: "record-changed", sequence: 4),
        Tampering(what: "a changed time", sql: "UPDATE audit_record SET time = time + 1 WHERE sequence = 1", kind: "record-changed", sequence: 1),
        Tampering(what: "a changed secret", sql: "UPDATE audit_record SET secret = 's9' WHERE sequence = 10", kind: "record-changed", sequence: 10),
        Tampering(
            what: "a field that was emptied", sql: "UPDATE audit_record SET secret = NULL WHERE sequence = 2", kind: "record-changed", sequence: 2),
        Tampering(what: "a removed record", sql: "DELETE FROM audit_record WHERE sequence = 5", kind: "record-missing", sequence: 5),
        Tampering(what: "a removed first record", sql: "DELETE FROM audit_record WHERE sequence = 1", kind: "record-missing", sequence: 1),
        Tampering(what: "a removed last record", sql: "DELETE FROM audit_record WHERE sequence = 10", kind: "log-cut-off", sequence: 10),
        Tampering(
            what: "exchanged records",
            sql: """
                UPDATE audit_record SET sequence = 99 WHERE sequence = 6; UPDATE audit_record SET sequence = 6 WHERE sequence = 7;
                UPDATE audit_record SET sequence = 7 WHERE sequence = 99
                """, kind: "record-changed", sequence: 6),
        Tampering(
            what: "an added record",
            sql:
                "INSERT INTO audit_record (sequence, time, kind, body, hash) SELECT 11, time, kind, body, hash FROM audit_record WHERE sequence = 10",
            kind: "record-changed", sequence: 11),
        Tampering(
            what: "a tail that was set back", sql: "DELETE FROM audit_record WHERE sequence = 10; UPDATE audit_tail SET sequence = 9",
            kind: "signature", sequence: 9),
        Tampering(what: "a log that was emptied", sql: "DELETE FROM audit_record", kind: "log-cut-off", sequence: 10),
    ]

    @Test("shows what was changed behind the broker's back", arguments: tamperings)
    func tampered(tampering: Tampering) async throws {
        let log = try await Log(events: 10)
        try log.tamper(tampering.sql)
        let verification = try await log.archive.verify()
        #expect(verification.faults.contains { $0.kind == tampering.kind && $0.sequence == tampering.sequence }, "\(verification.text)")
    }

    @Test("that was put back to an older state shows by an end that was kept elsewhere")
    func rolledBack() async throws {
        let log = try await Log(events: 5)
        try StoreMaintenance(path: log.path).backUp(to: log.folder.file("store/old.sqlite"))
        try await log.append(5)
        let kept = try await log.archive.tail()
        let old = try AuditArchive(path: log.folder.file("store/old.sqlite"))
        #expect(try await old.verify().isIntact)
        #expect(try await old.verify(kept: [kept]).faults.map(\.kind) == ["log-cut-off"])
        #expect(try await log.archive.verify(kept: [kept]).isIntact)
    }

    @Test("signed by another key shows by the key that was kept elsewhere")
    func otherKey() async throws {
        let log = try await Log(events: 2)
        let verification = try await log.archive.verify(publicKey: [UInt8](repeating: 3, count: 32))
        #expect(verification.faults.first?.kind == "signature")
    }

    @Test("keeps an end each thousand records")
    func heads() async throws {
        let log = try await Log()
        try await withThrowingTaskGroup { group in
            for number in 0..<2100 { group.addTask { try await log.append(number) } }
            try await group.waitForAll()
        }
        let verification = try await log.archive.verify()
        #expect(verification.isIntact)
        #expect(verification.heads >= 3)
    }

    @Test("that finds no space throws, and goes on when there is some")
    func full() async throws {
        let log = try await Log(events: 1)
        try log.store.limitSize(pages: 1)
        let error = await #expect(throws: KeyBrokerError.self) { for number in 0..<200 { try await log.append(number) } }
        #expect(error?.code == .storeFailed)
        #expect(error?.message.contains("no space") == true)
        try log.store.limitSize(pages: 1 << 20)
        try await log.append(7)
        #expect(try await log.archive.verify().isIntact)
    }
}
