// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
public import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// TensorFlow Serving's gRPC interface over the models of a repository.
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
        /// A UNIX socket for gRPC beside the port; `nil` for none.
        public var socketPath: String?
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

        /// Listens on `address` and `port`.
        public init(address: String = "0.0.0.0", port: Int = Self.defaultPort, security: SSLConfiguration?) {
            self.address = address
            self.port = port
            self.security = security
        }
    }

    /// How many bytes a client may send ahead, for large tensors.
    private static let windowSize = 8 << 20

    /// How many requests of one connection are answered at once; the rest wait with their clients.
    private static let maximumConcurrentRequests = 256

    private let configuration: Configuration
    private let security: HTTP2ServerTransport.Posix.TransportSecurity
    private let repository: ModelRepository
    private let onListening: @Sendable (_ address: String, _ port: Int) -> Void

    /// Prepares a server; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - configuration: where and how to listen.
    ///   - repository: the models.
    ///   - onListening: told where the server listens once it does.
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when the TLS material cannot be read.
    package init(
        configuration: Configuration, repository: ModelRepository,
        onListening: @escaping @Sendable (_ address: String, _ port: Int) -> Void
    ) throws(ServingError) {
        self.configuration = configuration
        self.security = if let security = configuration.security { try .init(security) } else { .plaintext }
        self.repository = repository
        self.onListening = onListening
    }

    /// Serves until shut down.
    ///
    /// - Throws: ``ServingError/Code/addressInUse``, ``ServingError/Code/cannotListen``, ``ServingError/Code/badSSLConfiguration``.
    public func run() async throws {
        let server = self.makeServer()
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    do {
                        try await server.serve()
                    } catch {
                        throw self.describe(error)
                    }
                }
                // Without an address the server could not listen, which its own task reports with the reason.
                guard let address = try? await server.listeningAddress else { return }
                let host = self.configuration.address
                let port = address.ipv4?.port ?? address.ipv6?.port ?? self.configuration.port
                self.onListening(host.contains(":") ? "[\(host)]" : host, port)
            }
        } onGracefulShutdown: {
            server.beginGracefulShutdown()
        }
    }

    private func makeServer() -> GRPCServer<HTTP2ServerTransport.Posix> {
        let (host, port) = (self.configuration.address, self.configuration.port)
        let transport = HTTP2ServerTransport.Posix(
            address: host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port),
            transportSecurity: self.security,
            config: .defaults {
                $0.rpc.maxRequestPayloadSize = self.configuration.maximumMessageSize
                $0.http2.targetWindowSize = Self.windowSize
                $0.http2.maxConcurrentStreams = Self.maximumConcurrentRequests
            })
        return GRPCServer(
            transport: transport,
            services: [PredictionService(repository: self.repository), ModelService(repository: self.repository)],
            interceptors: [RequestDeadline.Interceptor()])
    }

    /// Says why the server could not start, or passes on what ended it.
    private func describe(_ error: any Error) -> any Error {
        let place = "\(self.configuration.address):\(self.configuration.port)"
        var cause = error
        while let inner = (cause as? RuntimeError)?.cause { cause = inner }
        if let system = cause as? IOError {
            return system.errnoCode == EADDRINUSE
                ? ServingError(.addressInUse, "\(place) is in use by another program", remedy: "stop that program, or choose another --port")
                : ServingError(
                    .cannotListen, "cannot listen on \(place): \(system)",
                    remedy: "ports below 1024 need a privilege, and the address must be one of this machine")
        }
        if self.configuration.security != nil, (error as? RuntimeError)?.code == .transportError {
            return ServingError(
                .badSSLConfiguration, "ssl.cfg: key, certificate and CA cannot be used together: \(cause)",
                remedy: "server_key must be the key of the first certificate in server_cert; make a new set with 'sealwright tls issue'")
        }
        return error
    }
}
