// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import KeyBroker
import Logging
import NIOSSL
import RATLS
import SecretProvisioning
import SimulatedTEE
import Synchronization
import TestSupport

/// A broker in this process, on a port of the system's choice, with its certificate authority and decisions.
struct RunningBroker: Sendable {
    static let secret: [UInt8] = Array(0xa0..<0xb0)

    let address: String
    let port: Int
    let httpsPort: Int
    let authority: CertificateAuthority
    let log: DecisionRecorder
    let store: BrokerStore
    let policy: ActivePolicy
    let metrics: BrokerMetrics
    let journal: DecisionJournal
    let folder: ScratchFolder

    /// The CA of the broker's certificate, PEM.
    var authorityPEM: [UInt8] {
        get throws { Array(try self.authority.identity.certificatePEM().utf8) }
    }

    /// What a test varies.
    struct Options: Sendable {
        var address = "127.0.0.1"
        var mrEnclave = String(repeating: "e1", count: 32)
        var encoding = "raw"
        var production = false
        var freshness = "tls-only"
        var waivers = ""
        /// Digests of manifests that the rule names; none for any model.
        var models: [String] = []
        var faults: Set<SimulatedFault> = []
        var collateral: (any CollateralSource)?
        var roots: [RootOfTrust]? = nil
        var keyType = CertificateKeyType.p256
        var failingLog = false
        var timeout = Duration.seconds(20)
        var maximumConnections = 100
        var explain = "none"
        var rateLimit: RateLimit?
        /// Whether the secret is in the store and not in a file.
        var storedSecret = false
        /// Whether it is in ``store`` already.
        var secretIsInStore = false
        var clock: @Sendable () -> Date = { Date() }
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        /// A store of the test's instead of a new one.
        var store: (@Sendable () async throws -> BrokerStore)?
    }

    // swift-format-ignore: NeverUseForceTry
    static let platform = try! SimulatedPlatform.create(at: Date())

    /// Runs a broker for the duration of `body`.
    static func with(_ options: Options = Options(), _ body: (RunningBroker) async throws -> Void) async throws {
        let folder = try ScratchFolder()
        try folder.write(Self.secret, to: "key")
        let store = try await options.store?() ?? Self.store(in: folder)
        if options.storedSecret { try store.secrets.put("wrap-key", Self.secret.span, at: Date()) }
        try folder.write(Array(Self.yaml(options).utf8), to: "policy.yaml")
        let policy = try ActivePolicy(try Policy(contentsOfFile: folder.file("policy.yaml")), vault: store.secrets)
        let authority = try CertificateAuthority(named: "Test CA", keyType: .p256, now: Date())
        let issued = try authority.issue(
            to: [CertificateName("localhost"), CertificateName("127.0.0.1"), CertificateName("::1")], role: .server, keyType: options.keyType,
            days: 2, now: Date())
        let identity = try TLSIdentity(
            certificatePEM: Array(issued.certificatePEM().utf8), certificateName: "cert", privateKeyPEM: Array(issued.privateKeyPEM().utf8),
            privateKeyName: "key")
        let collateral = options.collateral ?? SimulatedCollateral(faults: options.faults)
        let releaser = Releaser(
            policy: policy, verifier: PeerVerifier(roots: options.roots ?? [Self.platform.rootOfTrust], collateral: collateral),
            simulatedEvidence: .allowed)
        let recorder = DecisionRecorder(failing: options.failingLog)
        let logger = options.logger
        let metrics = BrokerMetrics()
        let journal = DecisionJournal(audit: store.audit, logs: [recorder], logger: logger, metrics: metrics)
        let activeIdentity = try ActiveIdentity(identity)
        let (ports, announced) = AsyncStream.makeStream(of: Int.self)
        let (httpsPorts, announcedHTTPS) = AsyncStream.makeStream(of: Int.self)
        var configuration = Broker.Configuration()
        configuration.address = options.address
        configuration.port = 0
        configuration.handshakeTimeout = options.timeout
        configuration.exchangeTimeout = options.timeout
        configuration.maximumConnections = options.maximumConnections
        let broker = Broker(
            configuration: configuration, identity: activeIdentity, releaser: releaser, journal: journal, rateLimit: options.rateLimit,
            logger: logger, clock: options.clock, onReady: { announced.yield($1) })
        var httpsConfiguration = ChallengeDoor.Configuration()
        httpsConfiguration.address = options.address
        httpsConfiguration.port = 0
        httpsConfiguration.handshakeTimeout = options.timeout
        httpsConfiguration.exchangeTimeout = options.timeout
        httpsConfiguration.maximumConnections = options.maximumConnections
        let door = ChallengeDoor(
            configuration: httpsConfiguration, identity: activeIdentity, releaser: releaser, store: store, journal: journal,
            rateLimit: options.rateLimit, logger: logger, clock: options.clock, onReady: { announcedHTTPS.yield($1) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            group.addTask { try await door.run() }
            let port = await ports.first { _ in true }
            let httpsPort = await httpsPorts.first { _ in true }
            try await body(
                RunningBroker(
                    address: options.address, port: port ?? 0, httpsPort: httpsPort ?? 0, authority: authority, log: recorder, store: store,
                    policy: policy,
                    metrics: metrics, journal: journal, folder: folder))
            group.cancelAll()
        }
    }

    private static func yaml(_ options: Options) -> String {
        """
        version: 1
        explain: \(options.explain)
        secrets:
          - { name: wrap-key, \(options.storedSecret || options.secretIsInStore ? "" : "file: key, ")encoding: \(options.encoding), production: \(options.production) }
        rules:
          - secret: wrap-key
            sgx: { mr_enclave: ["\(options.mrEnclave)"] }
            freshness: \(options.freshness)
            \(options.models.isEmpty ? "" : "model: [\(options.models.joined(separator: ", "))]")
            \(options.waivers)
        """
    }

    /// Asks as an enclave would.
    func ask(_ enclave: SimulatedEnclave = SimulatedEnclave()) async throws -> [UInt8] {
        try await self.ask(source: SimulatedQuoteSource(platform: Self.platform, enclave: enclave))
    }

    /// Asks with evidence of this source.
    func ask(source: any QuoteSource, host: String = "localhost", ca: [UInt8]? = nil) async throws -> [UInt8] {
        let client = try SecretProvisioningClient(
            servers: [ServerAddress(host: host, port: self.port)], caCertificatePEM: ca ?? self.authorityPEM, source: source)
        let secret = try await client.requestSecret()
        return secret.withBytes { [UInt8](copying: $0) }
    }

    /// Asks over HTTPS with evidence of this source.
    func askByChallenge(
        source: any QuoteSource = SimulatedQuoteSource(platform: Self.platform), host: String = "localhost", secrets: [String] = [],
        model: ModelDigest? = nil
    ) async throws -> [ReleasedSecret] {
        let client = try ChallengeClient(
            servers: [ServerAddress(host: host, port: self.httpsPort)], caCertificatePEM: self.authorityPEM, source: source)
        return try await client.requestSecrets(secrets, for: model)
    }

    /// The store's log, as another process would read it.
    var archive: AuditArchive { get throws { try AuditArchive(path: self.folder.file("store/broker.sqlite")) } }

    /// A new store and its master key in folders of their own.
    static func store(in folder: ScratchFolder) throws -> BrokerStore {
        try folder.write([], to: "store/.made")
        try folder.write([], to: "keys/.made")
        let key = MasterKey.Source.file(folder.file("keys/master-key"))
        try MasterKey.generate(at: folder.file("keys/master-key"))
        try BrokerStore.create(at: folder.file("store/broker.sqlite"), masterKey: key)
        return try BrokerStore(path: folder.file("store/broker.sqlite"), masterKey: key, for: .serving)
    }
}

/// Collateral of the test's platform, made when asked for.
struct SimulatedCollateral: CollateralSource {
    var faults: Set<SimulatedFault> = []

    func collateral(for quote: Quote) async throws -> Collateral {
        try RunningBroker.platform.collateral(at: Date(), faults: self.faults)
    }
}

/// Collateral of the test's platform, and how often it was asked for.
final class CountingCollateral: CollateralSource {
    private let asked = Mutex(0)

    var count: Int { self.asked.withLock { $0 } }

    func collateral(for quote: Quote) async throws -> Collateral {
        self.asked.withLock { $0 += 1 }
        return try await SimulatedCollateral().collateral(for: quote)
    }
}

/// Keeps decisions for tests to look at.
final class DecisionRecorder: DecisionLog {
    private let stream: AsyncStream<Decision>
    private let continuation: AsyncStream<Decision>.Continuation
    private let failing: Bool
    private let count = Mutex(0)
    private let probing = Mutex<@Sendable () async throws -> Void>({})

    init(failing: Bool) {
        (self.stream, self.continuation) = AsyncStream.makeStream(of: Decision.self)
        self.failing = failing
    }

    struct Full: Error {}

    func append(_ decision: Decision) async throws {
        if self.failing { throw Full() }
        self.count.withLock { $0 += 1 }
        self.continuation.yield(decision)
    }

    func probe() async throws { try await self.probing.withLock { $0 }() }

    /// What is done when it is tried whether there is room again.
    func onProbe(_ body: @escaping @Sendable () async throws -> Void) { self.probing.withLock { $0 = body } }

    /// The next decision, once it is there.
    func next() async -> Decision? { await self.stream.first { _ in true } }

    /// Number of decisions so far.
    var recorded: Int { self.count.withLock { $0 } }
}
