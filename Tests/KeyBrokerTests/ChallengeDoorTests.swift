// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Crypto
import Foundation
import KeyBroker
import NIOHTTP1
import SecretProvisioning
import SimulatedTEE
import Synchronization
import TestSupport
import Testing

/// Asks brokers in this process over HTTPS.
@Suite("The HTTPS door")
struct ChallengeDoorTests {
    private static func fresh(_ change: (inout RunningBroker.Options) -> Void = { _ in }) -> RunningBroker.Options {
        var options = RunningBroker.Options()
        options.freshness = "required"
        change(&options)
        return options
    }

    @Test("releases the secret to the enclave of its policy, and records it")
    func released() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let secrets = try await broker.askByChallenge()
            #expect(secrets.map(\.name) == ["wrap-key"])
            #expect(secrets.first?.bytes.withBytes { [UInt8](copying: $0) } == RunningBroker.secret)
            let decision = try #require(await broker.log.next())
            #expect(decision.verdict == .released)
            #expect(decision.door == .challenge)
            #expect(decision.rule == "rules[0]")
            #expect(decision.report[.challengeBinding]?.outcome == .passed)
            #expect(decision.report[.challengeUnused]?.outcome == .passed)
            #expect(decision.report.allPassed)
            let record = try #require(try await broker.archive.list(limit: 1).first)
            #expect(record.kind == .released && record.secret == "wrap-key")
            #expect(record.decision?.evidenceSHA256 == decision.evidenceSHA256)
            #expect(try await broker.archive.verify().isIntact)
        }
    }

    @Test("sends raw bytes, whatever the encoding of Gramine's protocol")
    func encoding() async throws {
        try await RunningBroker.with(Self.fresh { $0.encoding = "hex-nul" }) { broker in
            let secrets = try await broker.askByChallenge(secrets: ["wrap-key"])
            #expect(secrets.first?.bytes.withBytes { [UInt8](copying: $0) } == RunningBroker.secret)
        }
    }

    private static let model = ModelDigest([UInt8](repeating: 0x4d, count: 32))

    @Test("releases a secret that the policy has for one model for that model alone")
    func model() async throws {
        let digest = try #require(Self.model)
        try await RunningBroker.with(Self.fresh { $0.models = [digest.hexString] }) { broker in
            #expect(try await broker.askByChallenge(model: digest).map(\.name) == ["wrap-key"])
            let decision = try #require(await broker.log.next())
            #expect(decision.model == digest)
            #expect(decision.report[.ruleModel]?.outcome == .passed)
            // Made again from the log, it comes out the same: the model is recorded.
            let policy = broker.policy.policy
            let roots = [RunningBroker.platform.rootOfTrust]
            let difference = try await PolicyDifference(from: policy, to: policy, log: broker.archive, roots: roots)
            #expect(difference.replayed == 1 && difference.changes.isEmpty)
            let text = try String(contentsOfFile: broker.folder.file("policy.yaml"), encoding: .utf8)
            let other = try Policy(yaml: Array(text.replacing("4d4d", with: "4e4e").utf8), file: "new")
            let changes = try await PolicyDifference(from: policy, to: other, log: broker.archive, roots: roots).changes
            #expect(changes.map(\.failedCheck) == [.ruleModel])
        }
    }

    @Test("does not take one model's request for another's")
    func modelBinding() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let client = HTTPSClient(broker: broker)
            let request = try await HTTPSClient.request(nonce: try await client.nonce())
            var object = try #require(try JSONSerialization.jsonObject(with: Data(request)) as? [String: Any])
            object["model"] = Data([UInt8](repeating: 0x4d, count: 32)).base64EncodedString()
            let changed = try await client.send(.POST, "/v1/releases", [UInt8](try JSONSerialization.data(withJSONObject: object)))
            #expect(changed.status == 403)
            #expect(try #require(await broker.log.next()).failedCheck == .challengeBinding)
            object["model"] = Data([1]).base64EncodedString()
            let short = try await client.send(.POST, "/v1/releases", [UInt8](try JSONSerialization.data(withJSONObject: object)))
            #expect(short.status == 400)
        }
    }

    /// A case of refusal: what is wrong and which check finds it.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let what: String
        let check: String
        var options = ChallengeDoorTests.fresh()
        var source: any QuoteSource = SimulatedQuoteSource(platform: RunningBroker.platform)
        var secrets: [String] = []
        var model: ModelDigest?
        var testDescription: String { self.what }
    }

    private static var refusals: [Refusal] {
        let debug = SimulatedQuoteSource(platform: RunningBroker.platform, enclave: SimulatedEnclave(isDebug: true))
        let other = Self.fresh { $0.mrEnclave = String(repeating: "e2", count: 32) }
        let forModel = Self.fresh { $0.models = [String(repeating: "4d", count: 32)] }
        return [
            Refusal(what: "another MRENCLAVE", check: "appraisal.mr-enclave", options: other),
            Refusal(what: "a debug enclave", check: "appraisal.debug", source: debug),
            Refusal(what: "a quote with a flipped bit", check: "quote.signature", source: TamperedQuotes(offset: 112)),
            Refusal(what: "a quote for another challenge", check: "challenge.binding", source: BorrowedQuotes()),
            Refusal(what: "a quote that is cut short", check: "quote.format", source: TruncatedQuotes()),
            Refusal(what: "a revoked platform", check: "pck-crl.revocation", options: Self.fresh { $0.faults = [.revokedPCK] }),
            Refusal(what: "a platform out of date", check: "appraisal.tcb-status", options: Self.fresh { $0.faults = [.outOfDatePlatform] }),
            Refusal(
                what: "a production secret on simulated evidence", check: "appraisal.simulated-evidence", options: Self.fresh { $0.production = true }
            ),
            Refusal(what: "an older model", check: "rule.model", options: forModel, model: ModelDigest([UInt8](repeating: 0x4e, count: 32))),
            Refusal(what: "no model where the rule names one", check: "rule.model", options: forModel),
            Refusal(what: "a secret that no rule names", check: "secret.available", secrets: ["other"]),
            Refusal(what: "one good secret and one bad", check: "secret.available", secrets: ["wrap-key", "other"]),
        ]
    }

    @Test("refuses, says why in the log, and nothing to the peer", arguments: refusals)
    func refused(refusal: Refusal) async throws {
        try await RunningBroker.with(refusal.options) { broker in
            let error = await #expect(throws: SecretProvisioningError.self) {
                try await broker.askByChallenge(source: refusal.source, secrets: refusal.secrets, model: refusal.model)
            }
            #expect(error?.code == .refused)
            let decision = try #require(await broker.log.next())
            #expect(decision.verdict == .refused)
            #expect(decision.failedCheck == Check.ID(refusal.check), "\(decision.report.text)")
            #expect(decision.remedy?.isEmpty == false)
            #expect(error?.message.contains(refusal.check) == false)
            #expect(try await broker.archive.list(limit: 1).first?.failedCheck == refusal.check)
        }
    }

    @Test("tells refusals alike, byte for byte")
    func alike() async throws {
        var bodies: Set<[UInt8]> = []
        for refusal in Self.refusals {
            try await RunningBroker.with(refusal.options) { broker in
                let client = HTTPSClient(broker: broker)
                let request = try await HTTPSClient.request(nonce: try await client.nonce(), secrets: refusal.secrets, source: refusal.source)
                let answer = try await client.send(.POST, "/v1/releases", request)
                #expect(answer.status == 403)
                bodies.insert(answer.body)
            }
        }
        #expect(bodies.count == 1)
    }

    @Test("says why to the peer where the policy lets it")
    func explained() async throws {
        let options = Self.fresh {
            $0.explain = "peer"
            $0.mrEnclave = String(repeating: "e2", count: 32)
        }
        try await RunningBroker.with(options) { broker in
            let error = await #expect(throws: SecretProvisioningError.self) { try await broker.askByChallenge() }
            #expect(error?.message.contains("appraisal.mr-enclave") == true)
            #expect(error?.remedy?.isEmpty == false)
        }
    }

    @Test("answers a challenge once: a replayed request gets nothing, and so does a reused nonce")
    func replayed() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let client = HTTPSClient(broker: broker)
            let nonce = try await client.nonce()
            let request = try await HTTPSClient.request(nonce: nonce)
            #expect(try await client.send(.POST, "/v1/releases", request).status == 200)
            #expect(await broker.log.next()?.verdict == .released)
            #expect(try await client.send(.POST, "/v1/releases", request).status == 403)
            #expect(await broker.log.next()?.failedCheck == .challengeUnused)
            #expect(try await client.send(.POST, "/v1/releases", try await HTTPSClient.request(nonce: nonce)).status == 403)
            #expect(await broker.log.next()?.failedCheck == .challengeUnused)
            #expect(try await broker.archive.list(limit: 10).map(\.kind) == [.refused, .refused, .released])
        }
    }

    @Test("takes a challenge of a verified enclave as used, whatever was decided")
    func usedByRefusal() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let client = HTTPSClient(broker: broker)
            let nonce = try await client.nonce()
            let refused = try await HTTPSClient.request(nonce: nonce, secrets: ["other"])
            #expect(try await client.send(.POST, "/v1/releases", refused).status == 403)
            #expect(await broker.log.next()?.failedCheck == .secretAvailable)
            #expect(try await client.send(.POST, "/v1/releases", try await HTTPSClient.request(nonce: nonce)).status == 403)
            #expect(await broker.log.next()?.failedCheck == .challengeUnused)
        }
    }

    @Test("answers one of many that send the same challenge at once")
    func racing() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let client = HTTPSClient(broker: broker)
            let request = try await HTTPSClient.request(nonce: try await client.nonce())
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await client.send(.POST, "/v1/releases", request).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200] + [Int](repeating: 403, count: 7))
        }
    }

    /// A clock that a test moves.
    private final class Clock: Sendable {
        private let offset = Mutex(0.0)
        func move(by seconds: Double) { self.offset.withLock { $0 += seconds } }
        var now: Date { Date().addingTimeInterval(self.offset.withLock { $0 }) }
    }

    @Test("refuses expired challenges, and those that a clock turned back makes come from the future")
    func clock() async throws {
        let clock = Clock()
        try await RunningBroker.with(Self.fresh { $0.clock = { clock.now } }) { broker in
            let client = HTTPSClient(broker: broker)
            let late = try await HTTPSClient.request(nonce: try await client.nonce())
            clock.move(by: 121)
            #expect(try await client.send(.POST, "/v1/releases", late).status == 403)
            #expect(await broker.log.next()?.failedCheck == .challengeFreshness)
            let early = try await HTTPSClient.request(nonce: try await client.nonce())
            clock.move(by: -60)
            #expect(try await client.send(.POST, "/v1/releases", early).status == 403)
            let decision = await broker.log.next()
            #expect(decision?.failedCheck == .challengeFreshness)
            #expect(decision?.remedy?.contains("clock was turned back") == true)
        }
    }

    @Test("refuses challenges that it did not give out", arguments: [0, 8, 24, 55])
    func forged(offset: Int) async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let client = HTTPSClient(broker: broker)
            var nonce = try await client.nonce()
            nonce[offset] ^= 1
            #expect(try await client.send(.POST, "/v1/releases", try await HTTPSClient.request(nonce: nonce)).status == 403)
            #expect(await broker.log.next()?.failedCheck == .challengeGenuine)
        }
    }

    @Test("refuses evidence for another key and for other secrets than are asked for")
    func rebound() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let client = HTTPSClient(broker: broker)
            let nonce = try await client.nonce()
            let key = [UInt8](Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation)
            let other = [UInt8](Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation)
            let binding = try #require(ReleaseBinding(nonce: nonce, publicKey: key, secrets: ["wrap-key"]))
            let quote = try await SimulatedQuoteSource(platform: RunningBroker.platform).quote(for: binding.reportData)
            for (publicKey, secrets) in [(other, ["wrap-key"]), (key, []), (key, ["wrap-key", "other"])] {
                let body = try HTTPSClient.body(nonce: nonce, publicKey: publicKey, quote: quote, secrets: secrets)
                #expect(try await client.send(.POST, "/v1/releases", body).status == 403)
                #expect(await broker.log.next()?.failedCheck == .challengeBinding)
            }
        }
    }

    @Test("answers with a status what is no request at all")
    func malformed() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            let client = HTTPSClient(broker: broker)
            let nonce = try await client.nonce()
            let cases: [(method: HTTPMethod, path: String, body: [UInt8]?, status: Int)] = [
                (.GET, "/v1/challenges", nil, 405), (.PUT, "/v1/releases", nil, 405), (.GET, "/", nil, 404), (.POST, "/v1/releases", nil, 400),
                (.POST, "/v1/releases", Array("{".utf8), 400), (.POST, "/v1/releases", Array("{\"nonce\": 1}".utf8), 400),
                (.POST, "/v1/releases", [UInt8](repeating: 0x20, count: 200_000), 413),
                (.POST, "/v1/releases", try HTTPSClient.body(nonce: [1], publicKey: [UInt8](repeating: 1, count: 32), quote: [], secrets: []), 400),
                (.POST, "/v1/releases", try HTTPSClient.body(nonce: nonce, publicKey: [1], quote: [], secrets: []), 400),
                (
                    .POST, "/v1/releases",
                    try HTTPSClient.body(nonce: nonce, publicKey: [UInt8](repeating: 1, count: 32), quote: [], secrets: ["a", "a"]), 400
                ),
                (
                    .POST, "/v1/releases",
                    try HTTPSClient.body(nonce: nonce, publicKey: [UInt8](repeating: 1, count: 32), quote: [], secrets: []), 403
                ),
            ]
            for (method, path, body, status) in cases {
                let answer = try await client.send(method, path, body)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.allow == (status == 405 ? "POST" : nil))
                #expect((answer.json?["status"] as? Int) == status)
            }
            // The longest quote that the interface allows is judged, a longer one is not.
            for (count, status) in [(75_000, 403), (75_001, 400)] {
                let quote = [UInt8](repeating: 1, count: count)
                let body = try HTTPSClient.body(nonce: nonce, publicKey: [UInt8](repeating: 1, count: 32), quote: quote, secrets: [])
                #expect(try await client.send(.POST, "/v1/releases", body).status == status)
            }
            // A point of small order, to which nothing can be encrypted.
            let zeros = [UInt8](repeating: 0, count: 32)
            let binding = try #require(ReleaseBinding(nonce: nonce, publicKey: zeros, secrets: []))
            let quote = try await SimulatedQuoteSource(platform: RunningBroker.platform).quote(for: binding.reportData)
            let body = try HTTPSClient.body(nonce: nonce, publicKey: zeros, quote: quote, secrets: [])
            let answer = try await client.send(.POST, "/v1/releases", body)
            #expect(answer.status == 400)
        }
    }

    @Test("knows used challenges after a restart")
    func restarted() async throws {
        let folder = try ScratchFolder()
        let key = MasterKey.Source.file(folder.file("keys/master-key"))
        // The same store as every broker of this test opens it, one after the other.
        _ = try RunningBroker.store(in: folder)
        let path = folder.file("store/broker.sqlite")
        var request: [UInt8] = []
        for round in 0..<3 {
            var options = Self.fresh()
            options.store = {
                // The broker of the round before lets go of its store when the last of its connections has ended, which is soon.
                for _ in 0..<100_000 {
                    do {
                        return try BrokerStore(path: path, masterKey: key, for: .serving)
                    } catch let error as KeyBrokerError where error.code == .storeInUse { await Task.yield() }
                }
                return try BrokerStore(path: path, masterKey: key, for: .serving)
            }
            try await RunningBroker.with(options) { broker in
                let client = HTTPSClient(broker: broker)
                if round == 0 { request = try await HTTPSClient.request(nonce: try await client.nonce()) }
                #expect(try await client.send(.POST, "/v1/releases", request).status == (round == 0 ? 200 : 403))
                if round > 0 { #expect(await broker.log.next()?.failedCheck == .challengeUnused) }
            }
        }
    }

    @Test("closes what is beyond the rate of an address")
    func rate() async throws {
        let allowance = RateLimit.Allowance(perSecond: 0.001, burst: 2)
        try await RunningBroker.with(Self.fresh { $0.rateLimit = RateLimit(perAddress: allowance, global: .init(perSecond: 100, burst: 100)) }) {
            broker in
            let client = HTTPSClient(broker: broker)
            _ = try await client.nonce()
            _ = try await client.nonce()
            await #expect(throws: (any Error).self) { try await client.nonce() }
            #expect(broker.metrics.text(at: Date()).contains("sealwright_broker_rejected_connections_total{limit=\"rate\"}"))
        }
    }

    @Test("is told by the other door's client, and the other way round")
    func doors() async throws {
        try await RunningBroker.with { broker in
            let source = SimulatedQuoteSource(platform: RunningBroker.platform)
            for port in [broker.port, broker.httpsPort] {
                let client = try BrokerClient(
                    servers: [ServerAddress(host: "localhost", port: port)], caCertificatePEM: broker.authorityPEM, source: source)
                let secret = try await client.requestSecret()
                #expect(secret.withBytes { [UInt8](copying: $0) } == RunningBroker.secret)
            }
            let strict = try BrokerClient(
                servers: [ServerAddress(host: "localhost", port: broker.port)], caCertificatePEM: broker.authorityPEM, source: source,
                door: .challenge)
            let error = await #expect(throws: SecretProvisioningError.self) { _ = try await strict.requestSecret() }
            #expect(error?.code == .otherDoor)
        }
    }

    @Test("is not trusted with another CA, and passed over where it is not")
    func trust() async throws {
        try await RunningBroker.with(Self.fresh()) { broker in
            try await RunningBroker.with { other in
                let source = SimulatedQuoteSource(platform: RunningBroker.platform)
                let wrong = try ChallengeClient(
                    servers: [ServerAddress(host: "localhost", port: broker.httpsPort)], caCertificatePEM: other.authorityPEM, source: source)
                let error = await #expect(throws: SecretProvisioningError.self) { try await wrong.requestSecrets() }
                #expect(error?.code == .untrusted)
                let second = try ChallengeClient(
                    servers: ServerAddress.list("127.0.0.1:1,localhost:\(broker.httpsPort)"), caCertificatePEM: broker.authorityPEM, source: source)
                #expect(try await second.requestSecrets().map(\.name) == ["wrap-key"])
            }
        }
    }
}
