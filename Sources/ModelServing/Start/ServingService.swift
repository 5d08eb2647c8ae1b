// SPDX-License-Identifier: Apache-2.0

import NIOCore
import ProtectedFiles
public import ServiceLifecycle
import Synchronization
import TensorFlowRuntime

/// A model server from its start to its end: health from the beginning, the listeners as soon as their TLS material is there, each model as
/// soon as it can be loaded.
public struct ServingService: Service {
    /// Told what becomes of the server; each may be called from any task.
    public struct Events: Sendable {
        /// gRPC is answered there, though perhaps not for every model yet; a UNIX socket, `unix:PATH`, has no port.
        public var onListening: @Sendable (_ address: String, _ port: Int?) -> Void = { _, _ in }
        /// REST is answered there.
        public var onRESTListening: @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
        /// Health and metrics are answered there.
        public var onHealthListening: @Sendable (_ port: Int) -> Void = { _ in }
        /// Every model that was asked for can be asked; told once.
        public var onReady: @Sendable () -> Void = {}

        /// Takes no notice of anything.
        public init() {}
    }

    private enum Part { case server, companion }

    let start: ServerStart
    private let events: Events
    private let admission: Admission
    private let reloads = ReloadHook()
    let clock: any Clock<Duration>
    /// What requests see.
    package let repository: ModelRepository
    /// What the server measures of itself.
    package let metrics = ServingMetrics()

    init(_ start: ServerStart, _ events: Events, clock: any Clock<Duration> = ContinuousClock()) {
        self.start = start
        self.events = events
        self.clock = clock
        self.admission = Admission(limit: start.options.maximumPendingRequests)
        self.repository = ModelRepository(admission: self.admission)
        self.repository.setObstacle(Self.closed)
    }

    static let closed = RequestError(.unavailable, "its ports are not open yet")

    /// Reads configuration files, ssl.cfg and the models' folders again, as SIGHUP asks for.
    public func reload() { self.reloads.reload() }

    /// Serves until shut down; requests that were begun are then finished.
    ///
    /// - Throws: ``ServingError``, and what TensorFlow refuses with; when failures are to end the server, also what sealed files, the key
    ///   source and models fail with.
    public func run() async throws {
        ProcessSettings.tuneMemory()
        let library = try TensorFlowLibrary.load(path: self.start.options.tensorFlowLibrary)
        ProcessSettings.protectMemory(log: self.start.log)
        try await withGracefulShutdownHandler {
            try await Self.together(
                server: { try await self.serveModels(with: library) },
                companions: [{ try await self.serveHealth() }, { try await self.tellReady() }])
        } onGracefulShutdown: {
            // Probes are to know it even before there is a server.
            self.repository.beginDraining()
        }
    }

    // MARK: Parts

    private func serveModels(with library: TensorFlowLibrary) async throws {
        let keys = WrapKeys(self.start.options, log: self.start.log)
        let security: SSLConfiguration?
        do {
            security = try await cancelWhenGracefulShutdown { try await self.obtainSecurity(keys?.shared) }
        } catch is CancellationError {
            // Asked to stop before there was anything to serve.
            return
        }
        if security == nil { self.start.log("WARNING: no --ssl_config_file: requests and answers travel unencrypted, and anyone may ask") }
        let manager = try self.makeManager(library, keys)
        let server = try self.makeServer(security, manager)
        let (looks, look) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.reloads.add {
            manager.reloadFile()
            look.yield()
        }
        try await Self.together(
            server: { try await server.run() },
            companions: [
                { try await manager.run() }, { try await FreeMemory.giveBack() }, { try await self.letGo(of: keys?.shared) },
                { try await self.followSecurity(of: server, keys?.shared, looks) },
                {
                    // Whoever renews certificates need not know of this process: the file is looked at too.
                    while true {
                        try await self.clock.sleep(for: Self.securityPollInterval)
                        look.yield()
                    }
                },
            ])
    }

    /// Answers probes before anything else can be answered, and until everything is over.
    private func serveHealth() async throws {
        guard let port = self.start.options.healthPort else { return }
        let pages = OperationsPages(repository: self.repository, metrics: self.metrics)
        let configuration = HTTPListener.Configuration(address: self.start.options.listening.address, port: port)
        let router = HTTPRouter(api: nil, pages: pages.pages(metricsPath: self.start.monitoring?.path ?? MonitoringPage.standardPath))
        do {
            try await HTTPListener(configuration: configuration, router: router).run { self.events.onHealthListening($0) }
        } catch let error as IOError {
            throw ListeningFailure.describe(error, address: configuration.address, port: port, option: "--health-port")
        }
    }

    private func tellReady() async throws {
        try await self.repository.wait { $0.isStarted && $0.readiness.isReady }
        self.events.onReady()
    }

    /// Lets go of the key when the first versions have been tried, so that they take one release of it with ssl.cfg; soon in any case.
    private func letGo(of keys: KeyRing?) async throws {
        defer { keys?.letGo() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.repository.wait { $0.isStarted } }
            group.addTask { try await self.clock.sleep(for: Self.longestHold) }
            try await group.next()
            group.cancelAll()
        }
    }

    private static let longestHold = Duration.seconds(60)

    private func makeManager(_ library: TensorFlowLibrary, _ keys: WrapKeys?) throws -> ModelManager {
        let options = self.start.options
        let loader = ModelLoader(
            library: library, session: self.start.session, tags: options.tags, keys: keys,
            sealed: SealedModels(mountPath: options.mountPath, manifests: options.manifests, log: self.start.log),
            batching: self.start.batching.map {
                BatchingSetup($0, isPerModel: options.usesBatchingPerModel, processors: ServerStart.processors, metrics: self.metrics)
            },
            warmUp: options.warmUpIterations.map { WarmUp.Options(iterations: $0) }, admission: self.admission, metrics: self.metrics,
            flushesFileCaches: options.flushesFileCaches, log: self.start.log)
        do {
            return try ModelManager(
                self.start.models, repository: self.repository, loader: loader, metrics: self.metrics, options: ManagerOptions(options),
                clock: self.clock,
                log: self.start.log)
        } catch {
            throw ServingError(
                .badModelConfiguration, error.message,
                remedy: "give --allow_version_labels_for_unavailable_models=true, so that labels may be listed before their versions are loaded")
        }
    }

    private func makeServer(_ security: SSLConfiguration?, _ manager: ModelManager) throws(ServingError) -> ModelServer {
        var configuration = self.start.options.listening
        configuration.security = security
        let pages = OperationsPages(repository: self.repository, metrics: self.metrics)
        let standardRate = self.start.options.requestLogRate
        let recorder = RequestRecorder(
            metrics: self.metrics, logRate: { manager.requestLogRate(of: $0) ?? standardRate }, log: self.start.log)
        // Ready is who can be asked on every port.
        let ports = ClosedPorts(count: configuration.restPort == nil ? 1 : 2) { self.repository.setObstacle(nil) }
        return try ModelServer(
            configuration: configuration, repository: self.repository, manager: manager, pages: pages.pages(metricsPath: self.start.monitoring?.path),
            observer: recorder,
            onListening: {
                self.events.onListening($0, $1)
                ports.opened()
            },
            onRESTListening: {
                self.events.onRESTListening($0, $1)
                ports.opened()
            })
    }

    // MARK: -

    /// Runs everything until the server ends, or anything fails.
    private static func together(
        server: @escaping @Sendable () async throws -> Void, companions: [@Sendable () async throws -> Void]
    ) async throws {
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                try await server()
                return .server
            }
            for companion in companions {
                group.addTask {
                    try await companion()
                    return .companion
                }
            }
            while let part = try await group.next(), part != .server {}
            group.cancelAll()
        }
    }
}

extension ManagerOptions {
    init(_ options: ServingOptions) {
        self.init()
        self.pollInterval = options.filePollInterval < .zero ? nil : options.filePollInterval
        if case .listed(let file) = options.models { self.configurationFile = file }
        self.configurationPollInterval = options.configurationPollInterval
        self.retries.count = options.loadRetries
        self.retries.interval = options.loadRetryInterval
        self.loadThreads = max(1, options.loadThreads)
        self.startThreads = 4 * ServerStart.processors
        self.allowsLabelsForUnavailable = options.allowsLabelsForUnavailable
        self.endsOnFailure = options.endsOnFailure
    }
}

/// Tells when the last of some ports is open.
private final class ClosedPorts: Sendable {
    private let left: Mutex<Int>
    private let whenOpen: @Sendable () -> Void

    init(count: Int, whenOpen: @escaping @Sendable () -> Void) {
        self.left = Mutex(count)
        self.whenOpen = whenOpen
    }

    func opened() {
        let isLast = self.left.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { self.whenOpen() }
    }
}
