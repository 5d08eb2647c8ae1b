// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
public import ServiceLifecycle

/// TensorFlow Serving's gRPC and REST interfaces over the models of a repository.
///
/// Runs until it is cancelled or asked to shut down gracefully: it then takes no new connections or requests and finishes those it has, except for
/// those that only wait: health and reflection streams, and a reload whose models are still loading.
public struct ModelServer: Service {
    /// Where and how to listen.
    public struct Configuration: Sendable {
        /// TensorFlow Serving's port for gRPC.
        public static let defaultPort = 8500
        /// The largest message in either direction, as TensorFlow Serving has it.
        public static let unlimitedMessage = Int(Int32.max)

        /// The address to listen on.
        public var address: String
        /// The port to listen on; 0 for one that the system chooses.
        public var port: Int
        /// TLS; without it everything travels in the clear.
        public var security: SSLConfiguration?
        /// The largest request in bytes.
        public var maximumMessageSize = Self.unlimitedMessage
        /// How long connections of gRPC live and how they are kept alive, where the transport's own settings will not do.
        public var channelArguments = ChannelArguments()
        /// A UNIX socket for gRPC beside the port; `nil` for none.
        public var socketPath: String?
        /// Whether gRPC is answered on the socket alone.
        public var isSocketOnly = false
        /// The port of the REST API; 0 for one that the system chooses, `nil` for no REST API.
        public var restPort: Int?
        /// How long a session may run for a REST request; `nil` for as long as it takes.
        public var restTimeout: Duration? = .seconds(30)
        /// Whether scripts of any web site may use the REST API.
        public var allowsCrossOrigin = false
        /// How long clients may take to send a request; of these, gRPC has that of a draining server alone.
        package var timeLimits = HTTPTimeLimits()
        /// Whether outputs are written to `tensor_content` instead of typed fields.
        public var writesTensorContent = false
        /// Whether a signature must have been made for the call it is used with.
        public var checksMethodNames = false

        var inferenceOptions: Inference.Options {
            var options = Inference.Options()
            options.writesTensorContent = self.writesTensorContent
            options.checksMethodName = self.checksMethodNames
            return options
        }

        /// Listens on `address` and `port`.
        public init(address: String = "0.0.0.0", port: Int = Self.defaultPort, security: SSLConfiguration?) {
            self.address = address
            self.port = port
            self.security = security
        }
    }

    /// How many bytes a client may send ahead, for large tensors.
    private static let windowSize = 8 << 20

    /// How many bytes a client may put into one frame: every frame costs, and an image is 37 of the smallest.
    private static let frameSize = 1 << 20

    /// How many requests of one connection are answered at once; the rest wait with their clients.
    private static let maximumConcurrentRequests = 256

    private typealias Transport = HTTP2ServerTransport.Custom<GRPCListener>

    private let configuration: Configuration
    private let material: TLSMaterial?
    private let listener: HTTPListener?
    private let repository: ModelRepository
    private let manager: ModelManager?
    private let observer: any RequestObserver
    private let reflection: ReflectionService
    private let onListening: @Sendable (_ address: String, _ port: Int?) -> Void
    private let onRESTListening: @Sendable (_ address: String, _ port: Int) -> Void

    /// Prepares a server; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - configuration: where and how to listen.
    ///   - repository: the models.
    ///   - manager: who follows a new configuration of models; `nil` where none can be followed.
    ///   - pages: what is answered on the REST port beside the REST API, by path.
    ///   - observer: told of each request.
    ///   - onListening: told where gRPC is answered once it is; without a port at a UNIX socket alone, `unix:PATH`.
    ///   - onRESTListening: told where REST is answered once it is.
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when the TLS material cannot be read.
    package init(
        configuration: Configuration, repository: ModelRepository, manager: ModelManager? = nil, pages: [String: HTTPRouter.Page] = [:],
        observer: any RequestObserver = NoRequestObserver(),
        onListening: @escaping @Sendable (_ address: String, _ port: Int?) -> Void,
        onRESTListening: @escaping @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
    ) throws(ServingError) {
        self.configuration = configuration
        self.material = if let security = configuration.security { try TLSMaterial(security) } else { nil }
        self.listener = Self.listener(configuration, self.material, repository, pages, observer)
        self.repository = repository
        self.manager = manager
        self.observer = observer
        do {
            self.reflection = try ReflectionService()
        } catch {
            preconditionFailure("the generated descriptors are damaged: \(error)")
        }
        self.onListening = onListening
        self.onRESTListening = onRESTListening
    }

    private static func listener(
        _ configuration: Configuration, _ material: TLSMaterial?, _ repository: ModelRepository, _ pages: [String: HTTPRouter.Page],
        _ observer: any RequestObserver
    ) -> HTTPListener? {
        guard let port = configuration.restPort else { return nil }
        var options = RESTAPI.Options()
        options.timeout = configuration.restTimeout
        options.allowsCrossOrigin = configuration.allowsCrossOrigin
        options.inference = configuration.inferenceOptions
        var listener = HTTPListener.Configuration(address: configuration.address, port: port)
        listener.security = material.map { $0.makeRESTHandler }
        listener.maximumBodySize = configuration.maximumMessageSize
        listener.timeLimits = configuration.timeLimits
        let api = RESTAPI(repository: repository, options: options, observer: observer)
        return HTTPListener(configuration: listener, router: HTTPRouter(api: api, pages: pages))
    }

    /// Takes new TLS material for new connections.
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when it cannot be used; the old one then stays.
    package func replaceSecurity(with configuration: SSLConfiguration) throws(ServingError) { try self.material?.replace(with: configuration) }

    /// Serves until shut down.
    ///
    /// - Throws: ``ServingError/Code/addressInUse``, ``ServingError/Code/cannotListen``.
    public func run() async throws {
        let servers = self.makeServers()
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                for server in servers {
                    group.addTask { try await self.serve(server) }
                }
                if let listener = self.listener {
                    group.addTask { try await self.serve(listener) }
                }
            }
        } onGracefulShutdown: {
            // Before the listeners, which then cancel every call.
            self.repository.beginDraining()
            for server in servers { server.beginGracefulShutdown() }
            self.listener?.beginGracefulShutdown()
        }
    }

    private var host: String {
        let host = self.configuration.address
        return host.contains(":") ? "[\(host)]" : host
    }

    private func serve(_ server: GRPCServer<Transport>) async throws {
        do {
            try await withTaskExecutorPreference(EventLoopExecutor()) { try await server.serve() }
        } catch let error as RuntimeError where error.code == .serverIsStopped {
            // Shut down before it began: an end like any other.
        } catch {
            throw self.describe(error, port: self.configuration.port, option: "--port")
        }
    }

    private func serve(_ listener: HTTPListener) async throws {
        do {
            try await listener.run { self.onRESTListening(self.host, $0) }
        } catch {
            throw self.describe(error, port: self.configuration.restPort ?? 0, option: "--rest_api_port")
        }
    }

    /// gRPC on the port, and on the UNIX socket where there is one.
    private func makeServers() -> [GRPCServer<Transport>] {
        var addresses: [GRPCListener.Address] = []
        if !self.configuration.isSocketOnly { addresses.append(.port(host: self.configuration.address, self.configuration.port)) }
        if let path = self.configuration.socketPath { addresses.append(.socket(path: path)) }
        return addresses.enumerated().map { index, address in
            // What is told is where the first one listens.
            let listener = GRPCListener(address: address, security: self.material.map { $0.makeGRPCHandler }) { port in
                guard index == 0 else { return }
                if case .socket(let path) = address { self.onListening("unix:\(path)", nil) } else { self.onListening(self.host, port) }
            }
            return self.makeServer(self.makeTransport(listener))
        }
    }

    private func makeTransport(_ listener: GRPCListener) -> Transport {
        var config = Transport.Config.defaults
        config.compression.enabledAlgorithms = [.gzip, .deflate]
        config.rpc.maxRequestPayloadSize = self.configuration.maximumMessageSize
        config.http2.targetWindowSize = Self.windowSize
        config.http2.maxFrameSize = Self.frameSize
        config.http2.maxConcurrentStreams = Self.maximumConcurrentRequests
        self.configuration.channelArguments.apply(to: &config.connection, &config.http2)
        // Protobuf has no longer messages than that, so that a limit which nobody set costs nothing.
        let limit = self.configuration.maximumMessageSize < Configuration.unlimitedMessage ? self.configuration.maximumMessageSize : nil
        let timeLimits = self.configuration.timeLimits
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { stream in
            stream.eventLoop.makeCompletedFuture {
                if let limit { try MessageSizeLimit.apply(limit, to: stream) }
                try StreamDrain.apply(timeLimits, to: stream)
            }
        }
        return Transport(listenerFactory: listener, config: config)
    }

    private func makeServer(_ transport: Transport) -> GRPCServer<Transport> {
        GRPCServer(
            transport: transport,
            services: [
                PredictionService(repository: self.repository, options: self.configuration.inferenceOptions, observer: self.observer),
                ModelService(repository: self.repository, manager: self.manager), HealthService(repository: self.repository), self.reflection,
            ],
            interceptors: [RequestDeadline.Interceptor()])
    }

    /// Says why the server could not start, or passes on what ended it.
    private func describe(_ error: any Error, port: Int, option: String) -> any Error {
        var cause = error
        while let inner = (cause as? RuntimeError)?.cause { cause = inner }
        if cause is ServingError { return cause }
        if let system = cause as? IOError {
            return ListeningFailure.describe(system, address: self.configuration.address, port: port, option: option)
        }
        return error
    }
}
