// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import KeyBroker
import SimulatedTEE
import TestSupport
import Testing

@Suite("Evidence beside an audit log")
struct AuditEvidenceTests {
    /// What somebody does to the database, and what is found.
    struct Tampering: CustomTestStringConvertible, Sendable {
        let what: String
        let sql: String
        let faults: [String]
        /// Records that cannot be decided again.
        let records: [Int64]
        /// Those of them that an earlier version may have recorded so.
        var undecidable: [Int64] = []
        var testDescription: String { self.what }
    }

    private static let tamperings = [
        Tampering(what: "nothing", sql: "SELECT 1", faults: [], records: []),
        Tampering(
            what: "exchanged quotes",
            sql: """
                CREATE TEMP TABLE kept AS SELECT sequence, quote FROM audit_evidence;
                UPDATE audit_evidence SET quote = (SELECT quote FROM kept WHERE kept.sequence = 3 - audit_evidence.sequence) WHERE sequence < 3
                """, faults: ["evidence-changed 1", "evidence-changed 2"], records: [1, 2]),
        Tampering(
            what: "a zeroed quote", sql: "UPDATE audit_evidence SET quote = zeroblob(length(quote)) WHERE sequence = 2",
            faults: ["evidence-changed 2"], records: [2]),
        Tampering(
            what: "a removed quote of a release", sql: "DELETE FROM audit_evidence WHERE sequence = 1", faults: ["evidence-missing 1"], records: [1]),
        Tampering(
            what: "a removed quote of a refusal", sql: "DELETE FROM audit_evidence WHERE sequence = 3", faults: ["evidence-missing 3"], records: [3]),
        Tampering(
            what: "overwritten collateral", sql: "UPDATE collateral SET content = zeroblob(length(content))",
            faults: ["collateral-changed 1", "collateral-changed 2", "collateral-changed 3"], records: [1, 2, 3]),
        Tampering(
            what: "removed collateral", sql: "DELETE FROM collateral",
            faults: ["collateral-missing 1", "collateral-missing 2", "collateral-missing 3"], records: [1, 2, 3]),
        Tampering(
            what: "other collateral of the same store",
            sql: "UPDATE audit_evidence SET collateral_digest = (SELECT collateral_digest FROM audit_evidence WHERE sequence = 1) WHERE sequence = 2",
            faults: ["evidence-changed 2"], records: [2]),
        Tampering(
            what: "another quote beside a refusal that names no collateral, as earlier versions recorded it",
            sql: """
                UPDATE audit_record SET body = json_remove(body, '$.collateralSHA256') WHERE sequence IN (2, 3);
                UPDATE audit_evidence SET quote = zeroblob(length(quote)) WHERE sequence IN (2, 3)
                """, faults: ["record-changed 2", "evidence-changed 2", "record-changed 3"], records: [2, 3], undecidable: [3]),
    ]

    @Test("that was changed, exchanged or removed shows, and nothing is decided on it again", arguments: tamperings)
    func tampered(tampering: Tampering) async throws {
        // Each decision has collateral of its own: it is made when it is asked for.
        try await RunningBroker.with { broker in
            _ = try await broker.ask()
            _ = try await broker.askByChallenge()
            _ = try? await broker.ask(SimulatedEnclave(isDebug: true))
            // Of a peer that proved nothing no evidence is kept, and none is missing.
            _ = try? await broker.ask(source: TamperedQuotes(offset: 112))
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            configuration.busyMode = .timeout(10)
            try await DatabaseQueue(path: broker.folder.file("store/broker.sqlite"), configuration: configuration).write { db in
                try db.execute(sql: tampering.sql)
            }
            let verification = try await broker.archive.verify()
            #expect(verification.faults.map { "\($0.kind) \($0.sequence)" } == tampering.faults, "\(verification.text)")
            let check = try await StoreMaintenance(path: broker.folder.file("store/broker.sqlite")).check()
            #expect(verification.undecidable == tampering.undecidable)
            #expect(check.isIntact == tampering.faults.isEmpty)
            let policy = broker.policy.policy
            let roots = [RunningBroker.platform.rootOfTrust]
            let difference = try await PolicyDifference(from: policy, to: policy, log: broker.archive, roots: roots)
            #expect(difference.tampered == tampering.records)
            #expect(difference.replayed == 3 - tampering.records.count && difference.unverified.isEmpty)
            #expect(difference.text.contains("not what they were made on") == !tampering.records.isEmpty)
        }
    }

    @Test("is what the record names, whatever a peer sends after its quote")
    func padded() async throws {
        try await RunningBroker.with { broker in
            let (released, refused) = (PaddedQuotes(enclave: SimulatedEnclave()), PaddedQuotes(enclave: SimulatedEnclave(isDebug: true)))
            _ = try await broker.ask(source: released)
            _ = try await broker.askByChallenge(source: released)
            _ = try? await broker.ask(source: refused)
            _ = try? await broker.askByChallenge(source: refused)
            let records = try await broker.archive.list(limit: 10)
            #expect(records.map(\.kind) == [.refused, .refused, .released, .released])
            #expect(records.allSatisfy { $0.body.contains("\"isVerified\":true") })
            let verification = try await broker.archive.verify()
            #expect(verification.isIntact && verification.undecidable.isEmpty, "\(verification.text)")
            let policy = broker.policy.policy
            let difference = try await PolicyDifference(from: policy, to: policy, log: broker.archive, roots: [RunningBroker.platform.rootOfTrust])
            #expect(difference.replayed == 4 && difference.tampered.isEmpty)
        }
    }
}
