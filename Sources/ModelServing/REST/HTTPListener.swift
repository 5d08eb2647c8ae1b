// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL
import Synchronization

/// An HTTP/1.1 server: the REST API and some pages beside it, with or without TLS.
///
/// Each connection is a task of the task that runs the server, and answers its requests one after another.
package struct HTTPListener: Sendable {
    /// Where and how to listen.
    package struct Configuration: Sendable {
        package var address: String
        package var port: Int
        /// TLS for a new connection, asked for each so that it can change; without it everything travels in the clear.
        package var security: (@Sendable () -> NIOSSLServerHandler)?
        /// The largest body in bytes.
        package var maximumBodySize = ModelServer.Configuration.unlimitedMessage
        package var timeLimits = HTTPTimeLimits()

        package init(address: String, port: Int, security: (@Sendable () -> NIOSSLServerHandler)? = nil) {
            self.address = address
            self.port = port
            self.security = security
        }
    }

    private typealias Parts = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// How many connections may wait to be accepted.
    private static let backlog: Int32 = 256

    private let configuration: Configuration
    private let router: HTTPRouter
    private let connections = OpenConnections()

    package init(configuration: Configuration, router: HTTPRouter) {
        self.configuration = configuration
        self.router = router
    }

    /// Serves until its task is cancelled, or shut down gracefully: then it takes no new connections and finishes the requests it has.
    ///
    /// - Parameter onListening: told the port once it listens.
    /// - Throws: the system's error when it cannot listen.
    package func run(onListening: @Sendable (Int) -> Void) async throws {
        let server = try await self.bind()
        onListening(server.channel.localAddress?.port ?? self.configuration.port)
        self.connections.listens(server.channel)
        try await withTaskCancellationHandler {
            try await server.executeThenClose { accepted in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in accepted {
                        group.addTask { await self.serve(connection) }
                    }
                }
            }
        } onCancel: {
            self.connections.closeAll()
        }
    }

    /// Takes no new connections, and closes each when its request has been answered.
    package func beginGracefulShutdown() { self.connections.quiesce() }

    private func bind() async throws -> NIOAsyncChannel<Parts, Never> {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Of TCP: among the options of every socket the same number stands for one that takes a privilege.
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: self.configuration.address, port: self.configuration.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let drain = ConnectionDrain()
                    try pipeline.addHandler(drain)
                    if let security = self.configuration.security { try pipeline.addHandler(security()) }
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: false)
                    try pipeline.addHandler(HTTPProtocolErrorHandler())
                    try pipeline.addHandler(HTTPTimeLimitHandler(self.configuration.timeLimits, drain: drain))
                    return try Parts(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Answers a connection's requests until either side has enough.
    private func serve(_ connection: Parts) async {
        guard self.connections.began(connection.channel) else {
            // Not only closed: a channel that is let go of unfinished traps.
            try? await connection.executeThenClose { _, _ in }
            return
        }
        defer { self.connections.ended(connection.channel) }
        let work = Task {
            // What goes wrong with a connection is the client's business, and over with it.
            try? await connection.executeThenClose { inbound, outbound in
                try await HTTPConnection(
                    outbound: outbound, router: self.router, maximumBodySize: self.configuration.maximumBodySize
                ).run(inbound)
            }
        }
        // Who has gone waits for no answer: a request of theirs leaves its queue.
        connection.channel.closeFuture.whenComplete { _ in work.cancel() }
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
    }
}

/// The channels that are open, so that they can be told to end.
private final class OpenConnections: Sendable {
    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isEnding = false
    }

    private let state = Mutex(State())

    func listens(_ channel: any Channel) {
        let isEnding = self.state.withLock {
            $0.listener = channel
            return $0.isEnding
        }
        if isEnding { channel.close(promise: nil) }
    }

    /// - Returns: whether the connection may go on.
    func began(_ channel: any Channel) -> Bool {
        self.state.withLock {
            guard !$0.isEnding else { return false }
            $0.connections[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func ended(_ channel: any Channel) { self.state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(channel)) } }

    /// Closes the listener, and lets the connections close when they have answered.
    func quiesce() {
        for connection in self.end() { connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    func closeAll() {
        for connection in self.end() { connection.close(promise: nil) }
    }

    private func end() -> [any Channel] {
        let (listener, connections) = self.state.withLock {
            $0.isEnding = true
            return ($0.listener, Array($0.connections.values))
        }
        listener?.close(promise: nil)
        return connections
    }
}
