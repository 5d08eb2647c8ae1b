// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import KeyBroker
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import RATLS
import SecretProvisioning
import SimulatedTEE
import SwiftASN1
import Synchronization
import X509

/// A broker with a store on disk, and clients that ask it.
struct BenchmarkBroker: Sendable {
    let port: Int
    /// A client's context with one identity for all requests: making keys is not what is measured.
    ///
    /// Each handshake is a full one.
    private let context: NIOSSLContext

    /// Runs a broker for the duration of `body`.
    static func with(folder: String, logs: [any DecisionLog] = [], _ body: (BenchmarkBroker) async throws -> Void) async throws {
        let platform = try SimulatedPlatform.create(at: Date())
        let store = try Self.store(folder: folder)
        let yaml = """
            version: 1
            secrets: [{ name: wrap-key, production: false, freshness: tls-only }]
            rules: [{ secret: wrap-key, sgx: { mr_enclave: ["\(Measurement.simulatedEnclave)"] } }]
            """
        try store.secrets.put("wrap-key", [UInt8](0..<16).span, at: Date())
        let policy = try ActivePolicy(try Policy(yaml: Array(yaml.utf8), file: "policy"), vault: store.secrets)
        let authority = try CertificateAuthority(named: "Benchmark CA", keyType: .p256, now: Date())
        let issued = try authority.issue(to: [CertificateName("localhost")], role: .server, keyType: .p256, days: 2, now: Date())
        let identity = try TLSIdentity(
            certificatePEM: Array(issued.certificatePEM().utf8), certificateName: "certificate", privateKeyPEM: Array(issued.privateKeyPEM().utf8),
            privateKeyName: "key")
        let collateral = try platform.collateral(at: Date(), faults: [])
        let releaser = Releaser(
            policy: policy, verifier: PeerVerifier(roots: [platform.rootOfTrust], collateral: FixedCollateral(collateral: collateral)),
            simulatedEvidence: .allowed)
        let logger = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })
        var configuration = Broker.Configuration()
        configuration.address = "127.0.0.1"
        configuration.port = 0
        let (ports, announced) = AsyncStream.makeStream(of: Int.self)
        let broker = Broker(
            configuration: configuration, identity: try ActiveIdentity(identity), releaser: releaser,
            journal: DecisionJournal(audit: store.audit, logs: logs, logger: logger), logger: logger, onReady: { announced.yield($1) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            let port = await ports.first { _ in true } ?? 0
            let identity = try await RATLSCertificate.make(source: SimulatedQuoteSource(platform: platform))
            var serializer = DER.Serializer()
            try serializer.serialize(authority.identity.certificate)
            let context = try RATLSContext.client(identity: identity, certificateAuthorities: [serializer.serializedBytes])
            try await body(BenchmarkBroker(port: port, context: context))
            group.cancelAll()
        }
    }

    /// A new store with its master key in another folder.
    static func store(folder: String) throws -> BrokerStore {
        for name in ["store", "keys"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try MasterKey.generate(at: "\(folder)/keys/master-key")
        try BrokerStore.create(at: "\(folder)/store/broker.sqlite", masterKey: .file("\(folder)/keys/master-key"))
        return try BrokerStore(path: "\(folder)/store/broker.sqlite", masterKey: .file("\(folder)/keys/master-key"), for: .serving)
    }

    /// The decision of one release, with its whole report.
    static func sampleDecision(folder: String) async throws -> Decision {
        let recorder = Recorder()
        try await Self.with(folder: folder, logs: [recorder]) { broker in _ = try await broker.ask() }
        guard let decision = recorder.last else { throw NoDecision() }
        return decision
    }

    private struct NoDecision: Error {}

    private final class Recorder: DecisionLog {
        private let decision = Mutex<Decision?>(nil)
        var last: Decision? { self.decision.withLock { $0 } }
        func append(_ decision: Decision) async { self.decision.withLock { $0 = decision } }
    }

    /// Takes the secret once; how long that took, connecting included.
    func ask() async throws -> Duration {
        let start = ContinuousClock.now
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: self.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: self.context, serverHostname: "localhost"))
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: ProvisioningRequest.bytes))
            var parser = ProvisioningResponseParser(sizeLimit: 16)
            for try await buffer in inbound where try parser.receive(buffer.readableBytesUInt8Span) == .complete { return .now - start }
            throw NoSecret()
        }
    }

    private struct NoSecret: Error {}

    /// The times of all requests that so many clients make, one after the other each.
    func run(for time: Duration, clients: Int) async throws -> [Duration] {
        let end = ContinuousClock.now.advanced(by: time)
        return try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<clients {
                group.addTask {
                    var times: [Duration] = []
                    while ContinuousClock.now < end { times.append(try await self.ask()) }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

/// Collateral without a service: what a cache hands out.
private struct FixedCollateral: CollateralSource {
    let collateral: Collateral

    func collateral(for quote: Quote) async throws -> Collateral { self.collateral }
}
