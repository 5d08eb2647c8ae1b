// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import KeyBroker
import SecretProvisioning
import SimulatedTEE
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Kills brokers in the middle of their work, and looks at what is left.
@Suite("A broker that is killed", .serialized)
struct BrokerCrashTests {
    private static let rounds = 6

    /// Everything that a broker needs, on disk.
    private struct Site: Sendable {
        let folder: ScratchFolder
        let platform: SimulatedPlatform

        var store: String { self.folder.file("store/broker.sqlite") }

        init() async throws {
            let folder = try ScratchFolder()
            try folder.write([], to: "store/.made")
            try folder.write([], to: "keys/.made")
            for words in [
                ["tls", "issue", "--server", "localhost", "--client", "c", "--output", folder.file("tls")],
                ["simulate", "init", "--output", folder.file("platform")],
                ["broker", "store", "init", "--store", folder.file("store/broker.sqlite"), "--new-master-key", folder.file("keys/master-key")],
                [
                    "broker", "secrets", "put", "wrap-key", "--generate", "--store", folder.file("store/broker.sqlite"), "--master-key",
                    folder.file("keys/master-key"),
                ],
            ] {
                let result = try await BuiltCommand.run(words)
                #expect(result.status == 0, "\(words): \(result.error)")
            }
            let policy = """
                version: 1
                secrets: [{ name: wrap-key, production: false, freshness: tls-only }]
                rules: [{ secret: wrap-key, sgx: { mr_enclave: ["\(Measurement.simulatedEnclave)"] } }]
                """
            try folder.write(Array(policy.utf8), to: "policy.yaml")
            self.folder = folder
            self.platform = try SimulatedPlatform.load(from: folder.file("platform"))
        }

        /// Runs a server of this site for as long as `body` runs, then ends it with `signal`.
        func serving(
            _ words: [String], endingWith signal: Signal, _ body: @escaping @Sendable ([Int]) async throws -> Void
        ) async throws {
            _ = try await Subprocess.run(
                .path(FilePath(BuiltCommand.path)), arguments: Arguments(words), input: .none, output: .sequence, error: .discarded
            ) { execution in
                var ports: [Int] = []
                for try await line in execution.standardOutput.strings() where line.hasPrefix("ready ") {
                    ports = line.split(whereSeparator: \.isWhitespace).compactMap { word in
                        word.lastIndex(of: ":").flatMap { Int(word[word.index(after: $0)...]) }
                    }
                    break
                }
                do {
                    try await body(ports)
                } catch {
                    try execution.send(signal: .kill)
                    throw error
                }
                try execution.send(signal: signal)
            }
        }

        func collateral(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
            try await self.serving(
                ["simulate", "collateral", "--platform", self.folder.file("platform"), "--port", "0"], endingWith: .terminate
            ) { ports in try await body(try #require(ports.first)) }
        }

        func broker(collateral: Int, endingWith signal: Signal, _ body: @escaping @Sendable ([Int]) async throws -> Void) async throws {
            try await self.serving(
                [
                    "broker", "serve", "--policy", self.folder.file("policy.yaml"), "--certificate", self.folder.file("tls/server/cert.pem"),
                    "--private-key", self.folder.file("tls/server/key.pem"), "--pccs-url", "http://127.0.0.1:\(collateral)/sgx/certification/v4/",
                    "--simulated-root", self.folder.file("platform/root-ca.der"), "--store", self.store, "--master-key",
                    self.folder.file("keys/master-key"), "--address", "127.0.0.1", "--port", "0",
                ], endingWith: signal, body)
        }
    }

    /// The releases that clients saw.
    private final class Seen: Sendable {
        private let state = Mutex<(total: Int, secrets: Set<[UInt8]>)>((0, []))

        func add(_ secret: [UInt8]) {
            self.state.withLock { state in
                state.total += 1
                state.secrets.insert(secret)
            }
        }

        var total: Int { self.state.withLock { $0.total } }
        var secrets: Set<[UInt8]> { self.state.withLock { $0.secrets } }
    }

    @Test("has every release on record that a client saw, an intact log, and all its secrets")
    func killed() async throws {
        let site = try await Site()
        let seen = Seen()
        try await site.collateral { collateral in
            for round in 0..<Self.rounds {
                try await site.broker(collateral: collateral, endingWith: .kill) { ports in
                    let target = seen.total + 3 + round * 2
                    await withTaskGroup(of: Void.self) { group in
                        for client in 0..<4 {
                            group.addTask {
                                // A broker that is gone ends the loop; what it sent before counts.
                                while seen.total < target, let secret = try? await Self.ask(site, ports, byChallenge: client % 2 == 0) {
                                    seen.add(secret)
                                }
                            }
                        }
                    }
                }
                let archive = try AuditArchive(path: site.store)
                let verification = try await archive.verify()
                #expect(verification.isIntact, "round \(round): \(verification.text)")
                var filter = AuditArchive.Filter()
                filter.kind = .released
                let recorded = try await archive.list(filter, limit: 100_000).count
                #expect(recorded >= seen.total, "round \(round): \(seen.total) seen, \(recorded) recorded")
            }
        }
        #expect(seen.total > Self.rounds * 3)
        #expect(seen.secrets.count == 1)
        let check = try await StoreMaintenance(path: site.store).check()
        #expect(check.isIntact, "\(check.text)")
    }

    private static func ask(_ site: Site, _ ports: [Int], byChallenge: Bool) async throws -> [UInt8] {
        let ca = try InputFile.readAll(site.folder.file("tls/ca_cert.pem"))
        let source = SimulatedQuoteSource(platform: site.platform)
        let server = ServerAddress(host: "localhost", port: ports[byChallenge ? 1 : 0])
        let client = try BrokerClient(servers: [server], caCertificatePEM: ca, source: source, door: byChallenge ? .challenge : .raTLS)
        return try await client.requestSecret().withBytes { [UInt8](copying: $0) }
    }

    @Test("leaves its store to the next; while it lives a second one is refused, and told to end it drains")
    func twoBrokers() async throws {
        let site = try await Site()
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral, endingWith: .terminate) { ports in
                #expect(ports.count == 2)
                let second = try await BuiltCommand.run(
                    "broker", "serve", "--policy", site.folder.file("policy.yaml"), "--certificate", site.folder.file("tls/server/cert.pem"),
                    "--private-key", site.folder.file("tls/server/key.pem"), "--pccs-url", "http://127.0.0.1:1/sgx/certification/v4/", "--store",
                    site.store, "--master-key", site.folder.file("keys/master-key"), "--address", "127.0.0.1", "--port", "0")
                #expect(second.status == 69 && second.error.contains("[store-in-use]"), "\(second.error)")
                #expect(try await !Self.ask(site, ports, byChallenge: true).isEmpty)
            }
            try await site.broker(collateral: collateral, endingWith: .kill) { ports in
                #expect(try await !Self.ask(site, ports, byChallenge: false).isEmpty)
            }
        }
        let events = try await AuditArchive(path: site.store).list(limit: 100).compactMap { $0.event?.event }
        #expect(events.reversed() == ["secret-put", "broker-started", "broker-stopped", "broker-started"])
    }
}
