// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
public import Logging
import NIOCore
import NIOSSL
import RATLS
import SecretProvisioning
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The key release service's first door: Gramine's secret provisioning, version 1, over TLS 1.2 and 1.3.
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
        /// Connections that are served at once, half of them for one address; further ones are closed.
        public var maximumConnections = 8192

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration
    private let identity: ActiveIdentity
    private let releaser: Releaser
    private let journal: DecisionJournal
    private let logger: Logger
    private let clock: @Sendable () -> Date
    private let listener: Listener
    private let gate: ConnectionGate

    /// Makes a broker; it listens once it runs.
    ///
    /// * `journal`: where decisions are recorded; if it fails everything stays closed.
    /// * `rateLimit`: how many connections strangers may open; none unless given.
    /// * `clock`: what time it is.
    /// * `onReady`: called once with the bound address, when clients can connect.
    public init(
        configuration: Configuration, identity: ActiveIdentity, releaser: Releaser, journal: DecisionJournal, rateLimit: RateLimit? = nil,
        logger: Logger, clock: @escaping @Sendable () -> Date = { Date() },
        onReady: @escaping @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.identity = identity
        self.releaser = releaser
        self.journal = journal
        self.logger = logger
        self.clock = clock
        self.listener = Listener(address: configuration.address, port: configuration.port, portOption: "--port", onReady: onReady)
        self.gate = ConnectionGate(maximumConnections: configuration.maximumConnections, rateLimit: rateLimit, metrics: journal.metrics)
    }

    /// A connection that has been accepted: its request, still to come, and what TLS found out about it.
    private struct Accepted: Sendable {
        let channel: any Channel
        let request: EventLoopFuture<Void>
        let session: ProvisioningSession
    }

    /// Serves until it is cancelled or told to shut down; then takes no new connections and finishes those it has.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/portTaken`` or ``KeyBrokerError/Code-swift.struct/cannotListen``.
    public func run() async throws {
        let server = try await self.listener.bind { channel -> EventLoopFuture<Accepted> in
            guard self.gate.admit(channel) else {
                channel.close(promise: nil)
                return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
            }
            return channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
        }
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

    private func accept(_ channel: any Channel) throws -> Accepted {
        let session = ProvisioningSession(
            peer: PeerName.text(of: channel.remoteAddress), time: self.clock(), releaser: self.releaser, metrics: self.journal.metrics)
        let tls = RATLSContext.serverHandlers(context: self.identity.attestedContext, eventLoop: channel.eventLoop) { await session.judge($0) }
        let deadline = ConnectionDeadline(handshake: self.configuration.handshakeTimeout, exchange: self.configuration.exchangeTimeout)
        let request = channel.eventLoop.makePromise(of: Void.self)
        do {
            try channel.pipeline.syncOperations.addHandlers(tls + [deadline, RequestHandler(whole: request)])
        } catch {
            request.fail(error)
            throw error
        }
        return Accepted(channel: channel, request: request.futureResult, session: session)
    }

    private func serve(_ client: Accepted) async {
        do {
            try await withTaskCancellationHandler {
                try await self.exchange(client)
            } onCancel: {
                client.channel.close(promise: nil)
            }
        } catch {
            // One connection's end is no reason for the others'; a failure before the decision is the decision's reason already.
            self.logger.debug("connection ended", metadata: Logger.metadata(of: error).merging(["peer": "\(client.session.peer)"]) { $1 })
        }
        // However the connection ends, what was asked is answered and recorded.
        try? await client.channel.close()
    }

    private func exchange(_ client: Accepted) async throws {
        let conclusion = await client.session.awaitRequest(client.request)
        guard let decision = conclusion.decision else { return }
        try await self.journal.record(decision)
        guard let secret = conclusion.secret else { return }
        try await client.channel.writeAndFlush(try Self.response(secret))
    }

    private static func response(_ secret: StoredSecret) throws -> ByteBuffer {
        let payload = secret.payload
        let header = try ProvisioningResponse.header(secretCount: payload.count)
        return payload.withBytes { payload in
            // Reserved at once, so that growing leaves no copies behind.
            var buffer = ByteBufferAllocator().buffer(capacity: header.count + payload.count)
            buffer.writeBytes(header)
            // Sound: the raw view of initialized bytes, read while they are lent.
            unsafe buffer.writeBytes(payload.bytes)
            return buffer
        }
    }
}
