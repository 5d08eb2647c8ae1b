// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
public import Logging
import NIOCore
import NIOPosix
public import NIOSSL
import RATLS
import SecretProvisioning
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The key release service: Gramine's secret provisioning, version 1, over TLS 1.2 and 1.3.
///
/// A client shows its RA-TLS certificate in the handshake; the broker decides on it, and sends the secret when asked. Each connection
/// ends in one ``Decision``, which is recorded before anything is sent.
public struct Broker: Service {
    /// Where and how the broker listens.
    public struct Configuration: Hashable, Sendable {
        /// The address to listen on.
        public var address = "0.0.0.0"
        /// The TCP port; 0 lets the system choose one.
        public var port = 4433
        /// Time for a TLS handshake, in which evidence is verified and collateral may have to be fetched.
        public var handshakeTimeout: Duration = .seconds(30)
        /// Time for everything after the handshake.
        public var exchangeTimeout: Duration = .seconds(15)
        /// Connections that are served at once; further ones are closed.
        public var maximumConnections = 4096

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration
    private let context: NIOSSLContext
    private let releaser: Releaser
    private let logs: [any DecisionLog]
    private let logger: Logger
    private let clock: @Sendable () -> Date
    private let onReady: @Sendable (_ address: String, _ port: Int) -> Void
    private let connections: ConnectionLimit
    private let throttle = RefusalThrottle()

    /// Makes a broker; it listens once it runs.
    ///
    /// * `context`: from ``RATLS/RATLSContext/server(identity:)``.
    /// * `logs`: where decisions are recorded; one that fails keeps everything closed.
    /// * `clock`: what time it is.
    /// * `onReady`: called once with the bound address, when clients can connect.
    public init(
        configuration: Configuration, context: NIOSSLContext, releaser: Releaser, logs: [any DecisionLog], logger: Logger,
        clock: @escaping @Sendable () -> Date = { Date() }, onReady: @escaping @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.context = context
        self.releaser = releaser
        self.logs = logs
        self.logger = logger
        self.clock = clock
        self.onReady = onReady
        self.connections = ConnectionLimit(configuration.maximumConnections)
    }

    /// A connection that has been accepted: its bytes and what TLS found out about it.
    private struct Accepted: Sendable {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        let session: ProvisioningSession
    }

    /// Serves until it is cancelled or told to shut down; then takes no new connections and finishes those it has.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/portTaken`` or ``KeyBrokerError/Code-swift.struct/cannotListen``.
    public func run() async throws {
        let server = try await self.bind()
        let address = server.channel.localAddress
        self.onReady(address?.ipAddress ?? self.configuration.address, address?.port ?? self.configuration.port)
        try await server.executeThenClose { clients in
            try await withTaskCancellationOrGracefulShutdownHandler {
                try await withThrowingDiscardingTaskGroup { group in
                    for try await client in clients {
                        group.addTask { await self.serve(client) }
                    }
                }
            } onCancelOrGracefulShutdown: {
                server.channel.close(promise: nil)
            }
        }
    }

    private func bind() async throws -> NIOAsyncChannel<Accepted, Never> {
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: self.configuration.address, port: self.configuration.port) { channel in
                    guard self.connections.enter() else {
                        channel.close(promise: nil)
                        return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
                    }
                    channel.closeFuture.whenComplete { _ in self.connections.leave() }
                    return channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
                }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw KeyBrokerError(
                .portTaken, "port \(self.configuration.port) of \(self.configuration.address) is taken by another process",
                remedy: "stop it (`ss -ltnp` shows it), or choose another --port")
        } catch {
            throw KeyBrokerError(
                .cannotListen, "cannot listen on \(self.configuration.address) port \(self.configuration.port): \(error)",
                remedy: "give an address of this machine; ports below 1024 need a privilege")
        }
    }

    private func accept(_ channel: any Channel) throws -> Accepted {
        let session = ProvisioningSession(
            peer: Self.text(of: channel.remoteAddress), time: self.clock(), releaser: self.releaser)
        let tls = RATLSContext.serverHandler(context: self.context) { await session.judge($0) }
        let deadline = ConnectionDeadline(handshake: self.configuration.handshakeTimeout, exchange: self.configuration.exchangeTimeout)
        try channel.pipeline.syncOperations.addHandlers([tls, deadline])
        return Accepted(channel: try NIOAsyncChannel(wrappingChannelSynchronously: channel), session: session)
    }

    private static func text(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "unknown" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private func serve(_ client: Accepted) async {
        do {
            try await client.channel.executeThenClose { inbound, outbound in
                try await self.exchange(client.session, inbound: inbound, outbound: outbound)
            }
        } catch {
            // One connection's end is no reason for the others'; a failure before the decision is the decision's reason already.
            self.logger.debug("connection ended", metadata: ["peer": "\(client.session.peer)", "error": "\(error)"])
        }
    }

    private func exchange(
        _ session: ProvisioningSession, inbound: NIOAsyncChannelInboundStream<ByteBuffer>, outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        let conclusion = await session.awaitRequest(inbound)
        guard let decision = conclusion.decision else { return }
        try await self.record(decision)
        guard let secret = conclusion.secret else { return }
        try await outbound.write(try Self.response(secret))
    }

    /// Records a decision everywhere.
    ///
    /// Nothing is sent before. Refusals of peers that proved nothing are recorded up to a rate.
    private func record(_ decision: Decision) async throws {
        if decision.verdict == .refused, decision.enclave?.isVerified != true {
            guard let omitted = self.throttle.admit() else { return }
            if omitted > 0 {
                self.logger.warning("refusals of peers that proved nothing came too fast and were not recorded", metadata: ["count": "\(omitted)"])
            }
        }
        do {
            for log in self.logs { try await log.append(decision) }
        } catch {
            self.logger.critical(
                "a decision could not be recorded, nothing is released", metadata: ["peer": "\(decision.peer)", "error": "\(error)"])
            throw error
        }
    }

    private static func response(_ secret: StoredSecret) throws -> ByteBuffer {
        let header = try ProvisioningResponse.header(secretCount: secret.payload.count)
        return secret.payload.withBytes { payload in
            // Reserved at once, so that growing leaves no copies behind.
            var buffer = ByteBufferAllocator().buffer(capacity: header.count + payload.count)
            buffer.writeBytes(header)
            // Sound: the raw view of initialized bytes, read while they are lent.
            unsafe buffer.writeBytes(payload.bytes)
            return buffer
        }
    }
}
