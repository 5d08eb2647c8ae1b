// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// TensorFlow Serving's gRPC and REST interfaces over the models of a repository.
///
/// Runs until it is cancelled or asked to shut down gracefully: it then takes no new connections or requests and finishes those it has.
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

    private let configuration: Configuration
    private let security: HTTP2ServerTransport.Posix.TransportSecurity
    private let material: TLSMaterial?
    private let listener: HTTPListener?
    private let repository: ModelRepository
    private let manager: ModelManager?
    private let observer: any RequestObserver
    private let reflection: ReflectionService
    private let onListening: @Sendable (_ address: String, _ port: Int) -> Void
    private let onRESTListening: @Sendable (_ address: String, _ port: Int) -> Void

    /// Prepares a server; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - configuration: where and how to listen.
    ///   - repository: the models.
    ///   - manager: who follows a new configuration of models; `nil` where none can be followed.
    ///   - pages: what is answered on the REST port beside the REST API, by path.
    ///   - observer: told of each request.
    ///   - onListening: told where gRPC is answered once it is.
    ///   - onRESTListening: told where REST is answered once it is.
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when the TLS material cannot be read.
    package init(
        configuration: Configuration, repository: ModelRepository, manager: ModelManager? = nil, pages: [String: HTTPRouter.Page] = [:],
        observer: any RequestObserver = NoRequestObserver(),
        onListening: @escaping @Sendable (_ address: String, _ port: Int) -> Void,
        onRESTListening: @escaping @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
    ) throws(ServingError) {
        self.configuration = configuration
        if let security = configuration.security {
            let material = try TLSMaterial(security)
            self.material = material
            self.security = try .init(security, material)
        } else {
            self.material = nil
            self.security = .plaintext
        }
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
        if let material { listener.security = { material.context } }
        listener.maximumBodySize = configuration.maximumMessageSize
        let api = RESTAPI(repository: repository, options: options, observer: observer)
        return HTTPListener(configuration: listener, router: HTTPRouter(api: api, pages: pages))
    }

    /// Takes new TLS material for new connections.
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when it cannot be used; the old one then stays.
    package func replaceSecurity(with configuration: SSLConfiguration) throws(ServingError) { try self.material?.replace(with: configuration) }

    /// Serves until shut down.
    ///
    /// - Throws: ``ServingError/Code/addressInUse``, ``ServingError/Code/cannotListen``, ``ServingError/Code/badSSLConfiguration``.
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
                // Without an address the server could not listen, which its own task reports with the reason.
                guard let address = try? await servers.first?.listeningAddress else { return }
                self.onListening(self.host, address.ipv4?.port ?? address.ipv6?.port ?? self.configuration.port)
            }
        } onGracefulShutdown: {
            for server in servers { server.beginGracefulShutdown() }
            self.listener?.beginGracefulShutdown()
        }
    }

    private var host: String {
        let host = self.configuration.address
        return host.contains(":") ? "[\(host)]" : host
    }

    private func serve(_ server: GRPCServer<HTTP2ServerTransport.Posix>) async throws {
        do {
            try await withTaskExecutorPreference(EventLoopExecutor()) { try await server.serve() }
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
    private func makeServers() -> [GRPCServer<HTTP2ServerTransport.Posix>] {
        let (host, port) = (self.configuration.address, self.configuration.port)
        var addresses: [GRPCNIOTransportCore.SocketAddress] = []
        if !self.configuration.isSocketOnly { addresses.append(host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port)) }
        if let path = self.configuration.socketPath {
            Self.removeOldSocket(path)
            addresses.append(.unixDomainSocket(path: path))
        }
        return addresses.map(self.makeServer)
    }

    /// Makes room for a new socket where an earlier server left its own; any other file stays, and is told when the server cannot listen.
    private static func removeOldSocket(_ path: String) {
        let files = FileManager.default
        guard let attributes = try? files.attributesOfItem(atPath: path), attributes[.type] as? FileAttributeType == .typeSocket else { return }
        try? files.removeItem(atPath: path)
    }

    private func makeServer(_ address: GRPCNIOTransportCore.SocketAddress) -> GRPCServer<HTTP2ServerTransport.Posix> {
        let transport = HTTP2ServerTransport.Posix(
            address: address,
            transportSecurity: self.security,
            config: .defaults {
                $0.compression.enabledAlgorithms = [.gzip, .deflate]
                $0.rpc.maxRequestPayloadSize = self.configuration.maximumMessageSize
                // Protobuf has no longer messages than that, so that a limit which nobody set costs nothing.
                if self.configuration.maximumMessageSize < Configuration.unlimitedMessage {
                    MessageSizeLimit.apply(self.configuration.maximumMessageSize, to: &$0.channelDebuggingCallbacks)
                }
                $0.http2.targetWindowSize = Self.windowSize
                $0.http2.maxFrameSize = Self.frameSize
                $0.http2.maxConcurrentStreams = Self.maximumConcurrentRequests
                self.configuration.channelArguments.apply(to: &$0)
            })
        return GRPCServer(
            transport: transport,
            services: [
                PredictionService(repository: self.repository, options: self.configuration.inferenceOptions, observer: self.observer),
                ModelService(repository: self.repository, manager: self.manager), HealthService(repository: self.repository), self.reflection,
            ],
            interceptors: self.interceptors)
    }

    private var interceptors: [any ServerInterceptor] {
        guard let material = self.material, self.configuration.security?.clientVerify == true else { return [RequestDeadline.Interceptor()] }
        return [ClientAdmission(material: material), RequestDeadline.Interceptor()]
    }

    /// Says why the server could not start, or passes on what ended it.
    private func describe(_ error: any Error, port: Int, option: String) -> any Error {
        var cause = error
        while let inner = (cause as? RuntimeError)?.cause { cause = inner }
        if let system = cause as? IOError {
            return ListeningFailure.describe(system, address: self.configuration.address, port: port, option: option)
        }
        if self.configuration.security != nil, (error as? RuntimeError)?.code == .transportError {
            return ServingError(
                .badSSLConfiguration, "ssl.cfg: key, certificate and CA cannot be used together: \(cause)",
                remedy: "server_key must be the key of the first certificate in server_cert; make a new set with 'sealwright tls issue'")
        }
        return error
    }
}
