// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import KeyBroker
import TestSupport
import Testing

@Suite("Whether a broker is ready")
struct ReadinessTests {
    @Test("depends on its doors, and on their end")
    func doors() async {
        let readiness = Readiness(doors: ["ra-tls", "https"])
        #expect(await readiness.findObstacle() == "not open yet: https, ra-tls")
        readiness.open("https")
        readiness.open("ra-tls")
        #expect(await readiness.findObstacle() == nil)
        readiness.drain()
        #expect(await readiness.findObstacle() == "draining")
    }

    @Test("depends on room for decisions, and is found out when there is room again without a request")
    func room() async throws {
        try await RunningBroker.with { broker in
            let readiness = Readiness(doors: [], journal: broker.journal)
            _ = try await broker.ask()
            #expect(await readiness.findObstacle() == nil)
            try broker.store.limitSize(pages: 1)
            for _ in 0..<3 where await readiness.findObstacle() == nil { _ = try? await broker.ask() }
            #expect(await readiness.findObstacle()?.contains("no space is left") == true)
            #expect((try? await broker.ask()) == nil)
            try broker.store.limitSize(pages: 1 << 20)
            #expect(await readiness.findObstacle() == nil)
            let secret = try await broker.ask()
            #expect(secret == RunningBroker.secret)
            #expect(try await broker.archive.list(limit: 10).contains { $0.event?.event == "recording-resumed" })
        }
    }

    @Test(
        "depends on all that a decision is recorded in, not on the log's end alone, and a trial leaves nothing behind",
        arguments: [("audit_evidence", false), ("audit_evidence", true), ("used_challenge", true)])
    func damage(table: String, byChallenge: Bool) async throws {
        let log = LogRecorder()
        var options = RunningBroker.Options()
        options.logger = log.logger
        try await RunningBroker.with(options) { broker in
            func isReleased() async -> Bool {
                byChallenge ? (try? await broker.askByChallenge()) != nil : (try? await broker.ask()) != nil
            }
            let readiness = Readiness(doors: [], journal: broker.journal)
            #expect(await isReleased())
            try Self.change(broker, "ALTER TABLE \(table) RENAME TO away")
            #expect(await !isReleased())
            for _ in 0..<3 { #expect(await readiness.findObstacle()?.contains(table) == true) }
            // A stranger's refusal, which needs neither table, is recorded and proves nothing.
            #expect(await broker.log.next()?.verdict == .released)
            _ = try? await broker.ask(source: TamperedQuotes(offset: 112))
            #expect(await broker.log.next()?.verdict == .refused)
            #expect(await readiness.findObstacle()?.contains(table) == true)
            #expect(try await broker.archive.list(limit: 10).map(\.kind) == [.refused, .released])
            let line = try #require(log.lines("a decision could not be recorded").first)
            #expect(line.level == "critical" && line.metadata["code"] == "store-failed")
            #expect(line.metadata["error"]?.contains("KeyBrokerError") == false)
            try Self.change(broker, "ALTER TABLE away RENAME TO \(table)")
            for _ in 0..<3 { #expect(await readiness.findObstacle() == nil) }
            #expect(await isReleased())
            let records = try await broker.archive.list(limit: 10)
            #expect(records.map(\.kind) == [.released, .event, .refused, .released])
            #expect(records[1].event?.event == "recording-resumed")
            #expect(try await broker.archive.verify().isIntact)
        }
    }

    @Test("is found out before anybody has asked for a secret", arguments: ["audit_evidence", "collateral", "used_challenge", "audit_record"])
    func start(table: String) async throws {
        try await RunningBroker.with { broker in
            try Self.change(broker, "ALTER TABLE \(table) RENAME TO away")
            let readiness = Readiness(doors: [], journal: broker.journal)
            for _ in 0..<2 { #expect(await readiness.findObstacle()?.contains(table) == true) }
            try Self.change(broker, "ALTER TABLE away RENAME TO \(table)")
            for _ in 0..<2 { #expect(await readiness.findObstacle() == nil) }
            #expect(try await broker.archive.list(limit: 10).map(\.event?.event) == ["recording-resumed"])
            #expect(try await broker.archive.verify().isIntact)
        }
    }

    @Test("is told while decisions are recorded without a pause", .timeLimit(.minutes(2)))
    func load() async throws {
        try await RunningBroker.with { broker in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask { while !Task.isCancelled { try? await broker.store.audit.append(AuditEvent("test", at: Date())) } }
                }
                // The load is on once somebody's record has waited for others'.
                for _ in 0..<20 { try? await broker.store.audit.append(AuditEvent("first", at: Date())) }
                #expect(await broker.journal.findObstacle() == nil)
                group.cancelAll()
            }
        }
    }

    @Test("is not taken from a trial that began before the newest failure")
    func newerFailure() async throws {
        try await RunningBroker.with { broker in
            let readiness = Readiness(doors: [], journal: broker.journal)
            try Self.change(broker, "ALTER TABLE audit_evidence RENAME TO away")
            #expect((try? await broker.ask()) == nil)
            try Self.change(broker, "ALTER TABLE away RENAME TO audit_evidence")
            broker.log.onProbe {
                // The store has been tried, with success; now it fails again.
                try Self.change(broker, "ALTER TABLE audit_evidence RENAME TO away")
                #expect((try? await broker.ask()) == nil)
            }
            #expect(await readiness.findObstacle()?.contains("audit_evidence") == true)
            broker.log.onProbe {}
            #expect(await readiness.findObstacle()?.contains("audit_evidence") == true)
            try Self.change(broker, "ALTER TABLE away RENAME TO audit_evidence")
            #expect(await readiness.findObstacle() == nil)
            #expect(try await broker.archive.list(limit: 10).map(\.event?.event) == ["recording-resumed"])
        }
    }

    /// Changes the database behind the broker's back.
    private static func change(_ broker: RunningBroker, _ sql: String) throws {
        try DatabaseQueue(path: broker.folder.file("store/broker.sqlite")).write { try $0.execute(sql: sql) }
    }
}
