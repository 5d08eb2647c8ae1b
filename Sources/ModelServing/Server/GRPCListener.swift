// SPDX-License-Identifier: Apache-2.0

import GRPCNIOTransportHTTP2
import NIOCore
import NIOPosix
import NIOSSL

/// Where gRPC is listened for, with the TLS of the moment for each new connection.
///
/// In place of the transport's own listener, which keeps one TLS context for ever, so that clients could take up sessions that a former
/// authority had let in, and which reads the client's certificate anew for every call: a twentieth of what a small one costs.
struct GRPCListener: HTTP2ServerTransport.ListenerFactory {
    enum Address: Sendable {
        case port(host: String, Int)
        case socket(path: String)
    }

    let address: Address
    /// TLS for a new connection; without it everything travels in the clear.
    let security: (@Sendable () -> NIOSSLServerHandler)?
    /// Told once where it listens; `nil` for a socket.
    let onListening: @Sendable (_ port: Int?) -> Void

    var eventLoopGroup: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator, connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
        let bootstrap = ServerBootstrap(group: self.eventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
        let accept = { @Sendable (channel: any Channel) in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(ConnectionDrain())
                if let security { try channel.pipeline.syncOperations.addHandler(security()) }
            }.flatMap {
                connectionConfigurator.configure(channel: channel, tls: security == nil ? .none : .configured(requireALPN: false))
            }
        }
        let listening: NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never>
        switch self.address {
        case .port(let host, let port): listening = try await bootstrap.bind(host: host, port: port, childChannelInitializer: accept)
        case .socket(let path):
            do {
                // Makes room where an earlier server left its socket; any other file stays, and is an error.
                listening = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true, childChannelInitializer: accept)
            } catch {
                throw ListeningFailure.describe(error, socketPath: path)
            }
        }
        self.onListening(listening.channel.localAddress?.port)
        return listening
    }
}
