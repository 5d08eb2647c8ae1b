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

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A broker with a store on disk, and clients that ask it.
struct BenchmarkBroker: Sendable {
    let port: Int
    private let platform: SimulatedPlatform
    private let authority: [UInt8]
    private let identity: TLSIdentity

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
            var serializer = DER.Serializer()
            try serializer.serialize(authority.identity.certificate)
            try await body(BenchmarkBroker(port: port, platform: platform, authority: serializer.serializedBytes, identity: identity))
            group.cancelAll()
        }
    }

    /// As this one, but with a server that does nothing but TLS.
    func bare(_ body: (BenchmarkBroker) async throws -> Void) async throws {
        try await BareServer.with(identity: self.identity) { port in
            try await body(BenchmarkBroker(port: port, platform: self.platform, authority: self.authority, identity: self.identity))
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
        try await Self.with(folder: folder, logs: [recorder]) { broker in _ = try await broker.ask(try await broker.makeClient()) }
        guard let decision = recorder.last else { throw NoDecision() }
        return decision
    }

    private struct NoDecision: Error {}

    private final class Recorder: DecisionLog {
        private let decision = Mutex<Decision?>(nil)
        var last: Decision? { self.decision.withLock { $0 } }
        func append(_ decision: Decision) async { self.decision.withLock { $0 = decision } }
    }

    /// A client with a key, a certificate and quotes of its own, which offers what Gramine's offers: X25519 and NIST's curves.
    ///
    /// Made beforehand, for making them is not what is measured. Each of its handshakes is a full one.
    func makeClient() async throws -> NIOSSLContext {
        let identity = try await RATLSCertificate.make(source: SimulatedQuoteSource(platform: self.platform))
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.curves = [.x25519, .secp256r1, .secp384r1]
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: self.authority, format: .der)])
        configuration.certificateChain = [.certificate(try NIOSSLCertificate(bytes: identity.certificateDER, format: .der))]
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.privateKey.derRepresentation, format: .der))
        return try NIOSSLContext(configuration: configuration)
    }

    /// Many clients, made on all cores.
    func makeClients(_ count: Int) async throws -> [NIOSSLContext] {
        let workers = ProcessInfo.processInfo.activeProcessorCount
        return try await withThrowingTaskGroup(of: [NIOSSLContext].self) { group in
            for _ in 0..<workers {
                group.addTask {
                    var made: [NIOSSLContext] = []
                    for _ in 0..<(count / workers) { made.append(try await self.makeClient()) }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Takes the secret once; how long that took, connecting included.
    func ask(_ client: NIOSSLContext) async throws -> Duration {
        let start = ContinuousClock.now
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let whole = loop.makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let tls = try NIOSSLClientHandler(context: client, serverHostname: "localhost")
                try channel.pipeline.syncOperations.addHandlers([tls, SecretTaker(whole)])
            }
        }.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: self.port)).get()
        try await whole.futureResult.get()
        let time = ContinuousClock.now - start
        channel.close(promise: nil)
        return time
    }

    /// Processor time of this process so far.
    ///
    /// POSIX fixes the unit of `clock()` at a microsecond.
    private static func processorTime() -> Duration { .microseconds(Int64(clock())) }

    /// So many at once, one request after the other each, until the time is over or `clients` is at its end.
    func run(for time: Duration, atOnce: Int, _ clients: ClientSupply) async throws -> ReleaseTimes {
        let start = ContinuousClock.now
        let usedBefore = Self.processorTime()
        let end = start.advanced(by: time)
        return try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<atOnce {
                group.addTask {
                    var times: [Duration] = []
                    while ContinuousClock.now < end, let client = clients.next() { times.append(try await self.ask(client)) }
                    return times
                }
            }
            let times = try await group.reduce(into: [Duration]()) { $0 += $1 }
            return ReleaseTimes(each: times, all: .now - start, processorTime: Self.processorTime() - usedBefore)
        }
    }
}

/// Asks once, and tells when the secret is whole.
private final class SecretTaker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct NoSecret: Error {}

    private let whole: EventLoopPromise<Void>
    private var parser = ProvisioningResponseParser(sizeLimit: 16)

    init(_ whole: EventLoopPromise<Void>) { self.whole = whole }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: ProvisioningRequest.bytes)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            let buffer = self.unwrapInboundIn(data)
            if try self.parser.receive(buffer.readableBytesUInt8Span) == .complete { self.whole.succeed() }
        } catch {
            self.whole.fail(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.whole.fail(error) }

    /// A promise that is fulfilled already stays as it is.
    func channelInactive(context: ChannelHandlerContext) { self.whole.fail(NoSecret()) }
}

/// What requests took, one by one and all together.
struct ReleaseTimes {
    let each: [Duration]
    let all: Duration
    /// Processor time of broker and clients together.
    let processorTime: Duration

    /// Microseconds of one core for one release.
    var processorMicroseconds: Double { self.processorTime / .microseconds(1) / Double(max(1, self.each.count)) }

    var perSecond: Double { Double(self.each.count) / (self.all / .seconds(1)) }

    /// A percentile in milliseconds.
    func percentile(_ percent: Int) -> Double {
        guard !self.each.isEmpty else { return .nan }
        let sorted = self.each.sorted()
        return (sorted[min(sorted.count - 1, sorted.count * percent / 100)] / .milliseconds(1) * 100).rounded() / 100
    }
}

/// Hands out clients: each once, or one for ever.
final class ClientSupply: Sendable {
    private let clients: Mutex<[NIOSSLContext]>
    private let isEndless: Bool

    /// Each of these once.
    init(_ clients: [NIOSSLContext]) {
        self.clients = Mutex(clients)
        self.isEndless = false
    }

    /// The same each time.
    init(always client: NIOSSLContext) {
        self.clients = Mutex([client])
        self.isEndless = true
    }

    func next() -> NIOSSLContext? { self.clients.withLock { self.isEndless ? $0.last : $0.popLast() } }

    var isExhausted: Bool { self.clients.withLock { $0.isEmpty } }
}

/// Collateral without a service: what a cache hands out.
private struct FixedCollateral: CollateralSource {
    let collateral: Collateral

    func collateral(for quote: Quote) async throws -> Collateral { self.collateral }
}
