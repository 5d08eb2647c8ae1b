// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import GRDB
import KeyBroker
import NIOHTTP1
import SecretProvisioning
import SimulatedTEE
import TestSupport
import Testing

/// Asks brokers whose policy has two secrets: `wrap-key` for the enclave that asks, `other-key` for another one.
@Suite("What a peer asked for")
struct AskedSecretsTests {
    private static let roots = [RunningBroker.platform.rootOfTrust]

    private static func with(_ body: (RunningBroker, _ policy: String) async throws -> Void) async throws {
        try await RunningBroker.with { broker in
            let one = try String(contentsOfFile: broker.folder.file("policy.yaml"), encoding: .utf8)
            let two =
                one.replacing("rules:", with: "  - { name: other-key, file: key, production: false }\nrules:")
                + "\n  - { secret: other-key, freshness: tls-only, sgx: { mr_enclave: [\(String(repeating: "e2", count: 32))] } }\n"
            try broker.folder.write(Array(two.utf8), to: "policy.yaml")
            try broker.policy.reload()
            try await body(broker, two)
        }
    }

    private static func sequences(_ broker: RunningBroker, secret: String) async throws -> [Int64] {
        var filter = AuditArchive.Filter()
        filter.secret = secret
        return try await broker.archive.list(filter, limit: 10).map(\.sequence)
    }

    /// Changes the database behind the broker's back.
    private static func tamper(_ broker: RunningBroker, _ sql: String) throws {
        try DatabaseQueue(path: broker.folder.file("store/broker.sqlite")).write { try $0.execute(sql: sql) }
    }

    @Test("is on record when it is refused, and when it is released")
    func recorded() async throws {
        try await Self.with { broker, _ in
            await #expect(throws: SecretProvisioningError.self) { try await broker.askByChallenge(secrets: ["wrap-key", "other-key"]) }
            let refused = try #require(await broker.log.next())
            #expect(refused.asked == ["wrap-key", "other-key"])
            #expect(refused.secret == "other-key")
            #expect(refused.failedCheck == Check.ID("appraisal.mr-enclave"))
            _ = try await broker.askByChallenge(secrets: ["wrap-key"])
            let released = try #require(await broker.log.next())
            #expect(released.asked == ["wrap-key"] && released.secret == "wrap-key")
            let record = try #require(try await broker.archive.record(1))
            #expect(record.decision?.asked == refused.asked)
            #expect(record.text.contains("asked for: `wrap-key`, `other-key`"))
            #expect(try await Self.sequences(broker, secret: "wrap-key") == [2, 1])
            #expect(try await Self.sequences(broker, secret: "other-key") == [1])
            #expect(try await Self.sequences(broker, secret: "third-key").isEmpty)
            #expect(try await broker.archive.verify().isIntact)
            let metrics = broker.metrics.text(at: Date())
            #expect(
                metrics.contains(#"decisions_total{secret="other-key",door="challenge",verdict="refused",failed_check="appraisal.mr-enclave"} 1"#))
        }
    }

    @Test("is on record where evidence is refused before any rule is tried")
    func unverified() async throws {
        try await Self.with { broker, _ in
            await #expect(throws: SecretProvisioningError.self) {
                try await broker.askByChallenge(source: TamperedQuotes(offset: 112), secrets: ["no-such-key", "other-key"])
            }
            let decision = try #require(await broker.log.next())
            #expect(decision.failedCheck == Check.ID("quote.signature"))
            #expect(decision.asked == ["no-such-key", "other-key"] && decision.secret == "other-key")
        }
    }

    @Test("is nothing by name over Gramine's protocol; a refusal is about the secret of the nearest rule")
    func unnamed() async throws {
        try await Self.with { broker, _ in
            _ = try await broker.ask()
            let released = try #require(await broker.log.next())
            #expect(released.asked == [] && released.secret == "wrap-key")
            await #expect(throws: SecretProvisioningError.self) { try await broker.ask(SimulatedEnclave(isDebug: true)) }
            let refused = try #require(await broker.log.next())
            #expect(refused.asked == [] && refused.secret == "wrap-key" && refused.rule == "rules[0]")
            #expect(try await Self.sequences(broker, secret: "wrap-key") == [2, 1])
        }
    }

    @Test("may be no secret at all: its name is on record, escaped, and no label of a metric")
    func unknown() async throws {
        try await Self.with { broker, _ in
            let name = "no\nsuch\u{1b}[2J\"key"
            await #expect(throws: SecretProvisioningError.self) { try await broker.askByChallenge(secrets: [name]) }
            let decision = try #require(await broker.log.next())
            #expect(decision.asked == [name] && decision.secret == nil)
            #expect(decision.failedCheck == .secretAvailable)
            #expect(decision.report[.secretAvailable]?.found == #"no rule for `no\nsuch\u{1B}[2J"key`"#)
            #expect(try await Self.sequences(broker, secret: name) == [1])
            let record = try #require(try await broker.archive.record(1))
            for text in [record.summary, record.jsonLine] {
                #expect(text.contains("such"))
                #expect(!text.contains("\n") && !text.contains("\u{1b}"))
            }
            #expect(!record.text.contains("\u{1b}"))
            let metrics = broker.metrics.text(at: Date())
            #expect(metrics.contains(#"decisions_total{secret="",door="challenge",verdict="refused",failed_check="secret.available"} 1"#))
            #expect(!metrics.contains("such"))
        }
    }

    @Test("is bounded in length, and so are a policy's names", arguments: [(256, 403), (257, 400)])
    func length(count: Int, status: Int) async throws {
        let name = String(repeating: "n", count: count)
        try await Self.with { broker, policy in
            let client = HTTPSClient(broker: broker)
            let request = try await HTTPSClient.request(nonce: try await client.nonce(), secrets: [name])
            #expect(try await client.send(.POST, "/v1/releases", request).status == status)
            let yaml = Array(policy.replacing("other-key", with: name).utf8)
            if status == 403 {
                #expect(throws: Never.self) { try Policy(yaml: yaml, file: "p") }
            } else {
                let error = #expect(throws: KeyBrokerError.self) { try Policy(yaml: yaml, file: "p") }
                #expect(error?.code == .badPolicy && error?.message.contains("longer than 256 bytes") == true)
            }
        }
    }

    @Test("is not looked for in a record that was spoiled")
    func spoiled() async throws {
        try await Self.with { broker, _ in
            for _ in 0..<2 { _ = try? await broker.askByChallenge(secrets: ["other-key"]) }
            try Self.tamper(broker, "UPDATE audit_record SET secret = NULL; UPDATE audit_record SET body = '{' WHERE sequence = 1")
            #expect(try await Self.sequences(broker, secret: "other-key") == [2])
        }
    }

    @Test("decides what another policy would have said")
    func difference() async throws {
        try await Self.with { broker, text in
            _ = try? await broker.askByChallenge(secrets: ["other-key"])
            _ = try await broker.askByChallenge(secrets: ["wrap-key"])
            _ = try? await broker.askByChallenge(secrets: ["wrap-key", "other-key"])
            _ = try await broker.askByChallenge()
            let old = broker.policy.policy
            func changes(_ yaml: String) async throws -> [PolicyDifference.Change] {
                let new = try Policy(yaml: Array(yaml.utf8), file: "new")
                let difference = try await PolicyDifference(from: old, to: new, log: broker.archive, roots: Self.roots)
                #expect(difference.replayed == 4 && difference.unnamed.isEmpty)
                return difference.changes
            }
            #expect(try await changes(text).isEmpty)
            // `other-key` for this enclave, too: those who asked for it get it, alone and beside another.
            let wider = try await changes(text.replacing("e2", with: "e1"))
            #expect(wider.map(\.sequence) == [1, 3])
            #expect(wider.map(\.before) == [nil, nil])
            #expect(wider.map(\.after) == ["`other-key` by rules[1]", "`wrap-key` by rules[0], `other-key` by rules[1]"])
            // No rule for `wrap-key`: who asked for it gets nothing, though another rule matches.
            let gone = try await changes(text.replacing("e2", with: "e1").replacing("secret: wrap-key", with: "secret: other-key"))
            #expect(gone.map(\.sequence) == [1, 2, 4])
            #expect(gone.map(\.after) == ["`other-key` by rules[0]", nil, "`other-key` by rules[0]"])
            #expect(gone.map(\.failedCheck) == [nil, .secretAvailable, nil])
        }
    }

    @Test("is not known of records of an older version, and that is said")
    func older() async throws {
        try await Self.with { broker, _ in
            _ = try await broker.askByChallenge(secrets: ["wrap-key"])
            _ = try await broker.ask()
            try Self.tamper(broker, "UPDATE audit_record SET body = json_remove(body, '$.asked')")
            let policy = broker.policy.policy
            let difference = try await PolicyDifference(from: policy, to: policy, log: broker.archive, roots: Self.roots)
            #expect(difference.replayed == 2 && difference.changes.isEmpty)
            // Gramine's protocol names no secret, then as now.
            #expect(difference.unnamed == [1])
            #expect(difference.text.contains("1 decisions do not say which secrets were asked for"))
            #expect(try await broker.archive.record(1)?.decision?.asked == nil)
        }
    }
}
