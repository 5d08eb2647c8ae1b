// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import KeyBroker
import Logging
import RATLS
import ServiceLifecycle
import UnixSignals

/// Puts a broker's parts together and runs them.
struct BrokerRun {
    private let options: BrokerServeOptions
    private let httpsPort: UInt16?
    private let logger: Logger
    private let store: BrokerStore?
    private let policy: ActivePolicy
    private let identity: ActiveIdentity
    private let simulatedRoots: [RootOfTrust]
    private let collateralAddress: CollateralServiceAddress?
    private let collateralStore: CollateralStore?
    private let journal: DecisionJournal
    private let metrics = BrokerMetrics()

    /// Reads everything that a broker needs before it listens.
    init(_ configuration: BrokerConfiguration) throws {
        let options = configuration.options
        self.options = options
        self.httpsPort = configuration.httpsPort
        self.logger = Self.logger(options.logFormat)
        let policy = try Policy(contentsOfFile: options.policy)
        self.store = try configuration.store.map { try BrokerStore(path: $0.path, masterKey: $0.masterKey, for: .serving) }
        self.policy = try ActivePolicy(policy, vault: self.store?.secrets)
        self.identity = try ActiveIdentity(files: .init(certificate: options.certificate, privateKey: options.privateKey))
        self.simulatedRoots = try options.simulatedRoot.map { [try RootOfTrust(simulatedRootFile: $0)] } ?? []
        self.collateralAddress = configuration.collateral
        self.collateralStore = try options.collateralCache.map { try CollateralStore(directory: $0) }
        // Files first: what is printed has been recorded.
        let logs = (try configuration.log.map { [try DecisionLogFile(path: $0) as any DecisionLog] } ?? []) + [DecisionPrinter(logger: self.logger)]
        self.journal = DecisionJournal(audit: self.store?.audit, logs: logs, logger: self.logger, metrics: self.metrics)
        self.raiseOpenFileLimit()
        BrokerNotices(policy: policy, simulatedRoots: self.simulatedRoots).print(to: self.logger, at: Date())
        if self.store == nil {
            self.logger.warning(
                "there is no store: the HTTPS door stays closed, and the audit log is a file without a chain of hashes",
                metadata: ["log": "\(configuration.log ?? "")"])
        }
    }

    /// A connection that waits for its turn is worse than one that is refused, so the limits of both doors have to fit.
    private func raiseOpenFileLimit() {
        let needed = self.options.maximumConnections * 2 + Self.ownFiles
        let limit = OpenFileLimit.raise()
        guard limit < needed else { return }
        self.logger.warning(
            "fewer files may be open than --maximum-connections takes on both doors",
            metadata: ["limit": "\(limit)", "needed": "\(needed)", "remedy": "raise it (LimitNOFILE=, ulimit -n), or lower --maximum-connections"])
    }

    /// Files beside connections: store, logs, collateral service.
    private static let ownFiles = 128

    /// Serves until a signal ends it.
    func run() async throws {
        self.identity.warnOfValidity(to: self.logger, at: Date())
        await self.policy.warnOfMissingSecrets(to: self.logger, at: Date())
        try await self.note("broker-started", ["policy-sha256": self.policy.policy.sha256.hexString])
        if let collateralAddress {
            let subscriptionKey = try self.options.subscriptionKeyFile.map { try CollateralService.subscriptionKey($0) }
            try await HTTPCollateralTransport.with(certificateAuthorities: try self.collateralAuthorities()) { transport in
                let client = PCCSClient(address: collateralAddress, transport: transport, subscriptionKey: subscriptionKey)
                let cache = CollateralCache(
                    client, store: self.collateralStore,
                    onStoreFailure: { [logger] error in
                        logger.error("collateral cannot be kept on disk", metadata: Logger.metadata(of: error))
                    })
                let readiness = self.makeReadiness()
                let watch = CollateralWatch(
                    collateralAddress, transport: transport, store: self.collateralStore, readiness: readiness, logger: self.logger)
                try await self.serve(with: cache, readiness, companions: [self.forecasts(of: client), watch])
            }
        } else if let collateralStore {
            try await self.serve(with: CollateralCache(offline: collateralStore), self.makeReadiness(), companions: [])
        }
        try await self.note("broker-stopped", [:])
    }

    private var roots: [RootOfTrust] { [.intelSGX] + self.simulatedRoots }

    private var doors: Set<String> { self.httpsPort == nil ? ["ra-tls"] : ["ra-tls", "https"] }

    private func makeReadiness() -> Readiness { Readiness(doors: self.doors, journal: self.journal) }

    private func serve(with collateral: CollateralCache, _ readiness: Readiness, companions: [any Service]) async throws {
        let releaser = Releaser(
            policy: self.policy, verifier: PeerVerifier(roots: self.roots, collateral: collateral),
            simulatedEvidence: self.simulatedRoots.isEmpty ? .refused : .allowed)
        let services = companions + self.services(releaser, readiness)
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: self.logger)
        configuration.maximumGracefulShutdownDuration = .seconds(self.options.drainTimeout)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError where readiness.isDraining {
            self.logger.warning(
                "the time to drain is over; what was still under way was broken off", metadata: ["seconds": "\(self.options.drainTimeout)"])
        }
    }

    private func forecasts(of client: PCCSClient) -> TCBForecastService {
        let verifier = QuoteVerifier(roots: self.roots)
        return TCBForecastService(metrics: self.metrics, logger: self.logger) { quote in
            try await client.forecast(for: quote, verifier: verifier, at: Date())
        }
    }

    /// In the order in which they start; they end in the opposite one: first nobody is sent here any more, then the doors close, and until the
    /// last of what they have is finished the operations server tells of it.
    private func services(_ releaser: Releaser, _ readiness: Readiness) -> [any Service] {
        let operations: Set<String> = self.options.operationsPort == nil ? [] : ["operations"]
        let announcement = Announcement(listeners: self.doors.union(operations))
        var services: [any Service] = [
            ReloadService(policy: self.policy, identity: self.identity, audit: self.store?.audit, metrics: self.metrics, logger: self.logger)
        ]
        if let port = self.options.operationsPort {
            services.append(
                OperationsServer(
                    address: self.options.operationsAddress, port: Int(port), readiness: readiness, metrics: self.metrics,
                    onReady: { [logger] in
                        logger.notice("operations", metadata: ["address": "\($0)", "port": "\($1)"])
                        announcement.open("operations", address: $0, port: $1)
                    }))
        }
        let doors = Doors(
            services: self.makeDoors(releaser) { door, address, port in
                readiness.open(door)
                announcement.open(door, address: address, port: port)
            })
        return services + [doors, DrainNotice(readiness: readiness, logger: self.logger)]
    }

    private func makeDoors(_ releaser: Releaser, opened: @escaping @Sendable (_ door: String, _ address: String, _ port: Int) -> Void)
        -> [any Service]
    {
        let limit = RateLimit(
            perAddress: .init(perSecond: self.options.ratePerAddress, burst: self.options.ratePerAddress * 10),
            global: .init(perSecond: self.options.rate, burst: self.options.rate * 2))
        var doors: [any Service] = [
            Broker(
                configuration: self.raTLSConfiguration, identity: self.identity, releaser: releaser, journal: self.journal, rateLimit: limit,
                logger: self.logger, onReady: { opened("ra-tls", $0, $1) })
        ]
        if let httpsPort, let store {
            var configuration = ChallengeDoor.Configuration()
            configuration.address = self.options.address
            configuration.port = Int(httpsPort)
            configuration.maximumConnections = self.options.maximumConnections
            doors.append(
                ChallengeDoor(
                    configuration: configuration, identity: self.identity, releaser: releaser, store: store, journal: self.journal,
                    rateLimit: limit, logger: self.logger, onReady: { opened("https", $0, $1) }))
        }
        return doors
    }

    private var raTLSConfiguration: Broker.Configuration {
        var configuration = Broker.Configuration()
        configuration.address = self.options.address
        configuration.port = Int(self.options.port)
        configuration.handshakeTimeout = .seconds(self.options.handshakeTimeout)
        configuration.exchangeTimeout = .seconds(self.options.exchangeTimeout)
        configuration.maximumConnections = self.options.maximumConnections
        return configuration
    }

    private func note(_ event: String, _ details: [String: String]) async throws {
        try await self.store?.audit.append(AuditEvent(event, details: details, at: Date()))
    }

    private func collateralAuthorities() throws -> [[UInt8]] {
        guard let file = self.options.pccsCA else { return [] }
        return try PEMDocument.certificates(try InputFile.readAll(file, limit: PEMDocument.sizeLimit), name: file)
    }

    private static func logger(_ format: BrokerServeOptions.LogFormat) -> Logger {
        switch format {
        case .text: Logger(label: "broker", factory: StreamLogHandler.standardError(label:))
        case .json: Logger(label: "broker", factory: { label in JSONLogHandler(label: label) { StandardError.write($0) } })
        }
    }
}

/// The doors as one service, so that all of them close at once: a group's services end one after the other.
private struct Doors: Service {
    let services: [any Service]

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for service in self.services { group.addTask { try await service.run() } }
        }
    }
}

/// Marks the broker as not ready when it is told to end, before any door closes: services end in the opposite order of their start.
private struct DrainNotice: Service {
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        self.readiness.drain()
        self.logger.notice("draining: no new connections are taken, those under way are finished")
    }
}
