// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An address that a server listens on: tells when it does, and why it cannot.
struct Listener: Sendable {
    let address: String
    let port: Int
    /// What an operator sets the port with.
    let portOption: String
    /// Called once with the bound address.
    var onReady: @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }

    /// Listens, and has each connection set up by `accept`.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/portTaken`` or ``KeyBrokerError/Code-swift.struct/cannotListen``.
    func bind<Accepted: Sendable>(
        _ accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Accepted>
    ) async throws(KeyBrokerError) -> NIOAsyncChannel<Accepted, Never> {
        do {
            let server = try await self.bootstrap.bind(host: self.address, port: self.port, childChannelInitializer: accept)
            self.announce(server.channel)
            return server
        } catch {
            throw self.describe(error)
        }
    }

    /// Serves HTTP until it is cancelled or told to shut down; then finishes the requests that it has.
    ///
    /// - Throws: as ``bind(_:)``.
    func serve<Responder: HTTPResponder>(_ responder: Responder, over server: HTTPServerBuilder) async throws
    where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        let application = Application(
            responder: responder, server: server,
            configuration: ApplicationConfiguration(address: .hostname(self.address, port: self.port), serverName: "sealwright-broker"),
            onServerRunning: { self.announce($0) }, logger: Logger(label: "http", factory: { _ in SwiftLogNoOpLogHandler() }))
        do {
            try await application.run()
        } catch let error as IOError {
            throw self.describe(error)
        } catch let error as SocketAddressError {
            throw self.describe(error)
        }
    }

    /// Looks whether the address can be listened on now.
    ///
    /// - Throws: as ``bind(_:)``.
    func check() async throws {
        do {
            try await self.bootstrap.bind(host: self.address, port: self.port).get().close()
        } catch {
            throw self.describe(error)
        }
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    }

    private func announce(_ channel: any Channel) {
        let bound = channel.localAddress
        self.onReady(bound?.ipAddress ?? self.address, bound?.port ?? self.port)
    }

    private func describe(_ error: any Error) -> KeyBrokerError {
        if let error = error as? IOError, error.errnoCode == EADDRINUSE {
            return KeyBrokerError(
                .portTaken, "port \(self.port) of \(self.address) is taken by another process",
                remedy: "stop it (`ss -ltnp` shows it), or choose another \(self.portOption)")
        }
        return KeyBrokerError(
            .cannotListen, "cannot listen on \(self.address) port \(self.port): \(error)",
            remedy: "give an address of this machine; ports below 1024 need a privilege")
    }
}
