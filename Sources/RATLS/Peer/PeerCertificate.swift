// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// Connects to a TLS server only to see the certificate that it proves to hold.
public enum PeerCertificate {
    /// Gets the certificate, DER.
    ///
    /// Nothing is trusted and nothing is sent but the handshake, which has to come to its end, so that the server has shown to have the key. The
    /// certificate is then for ``PeerVerifier`` to judge.
    ///
    /// * `timeout`: how long connecting and the handshake may take.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/peerUnavailable`` when there is no TLS server, or it breaks off.
    public static func fetch(host: String, port: Int, timeout: Duration = .seconds(10)) async throws -> [UInt8] {
        let seen = Seen()
        do {
            let finished = try await Self.connect(host: host, port: port, timeout: TimeAmount(timeout), seen: seen)
            try await finished.get()
        } catch {
            throw RATLSError(
                .peerUnavailable, "no TLS handshake with \(host):\(port): \(error)",
                remedy: "check host and port; the server must speak TLS 1.2 or 1.3 and not break off without a client certificate")
        }
        guard let certificate = seen.certificate else {
            throw RATLSError(.peerUnavailable, "\(host):\(port) showed no certificate", remedy: "connect to a server with an RA-TLS certificate")
        }
        return certificate
    }

    /// The certificate that was shown, between the event loop and the caller.
    private final class Seen: Sendable {
        private let shown = Mutex<[UInt8]?>(nil)
        var certificate: [UInt8]? { self.shown.withLock { $0 } }
        func show(_ certificate: [UInt8]?) { self.shown.withLock { $0 = certificate } }
    }

    /// Starts the connection; the future succeeds when the handshake has.
    private static func connect(host: String, port: Int, timeout: TimeAmount, seen: Seen) async throws -> EventLoopFuture<Void> {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // The callback below takes the place of ordinary validation: the certificate is only looked at.
        configuration.certificateVerification = .noHostnameVerification
        let context = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let finished = loop.makePromise(of: Void.self)
        // Addresses have no place in SNI (RFC 6066 section 3).
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(timeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host) { certificates, promise in
                            seen.show(try? certificates.first?.toDERBytes())
                            promise.succeed(.certificateVerified)
                        }
                        try channel.pipeline.syncOperations.addHandlers([handler, HandshakeWaiter(finished)])
                    }
                }
                .connect(host: host, port: port).get()
            let deadline = loop.scheduleTask(in: timeout) { finished.fail(ChannelError.connectTimeout(timeout)) }
            finished.futureResult.whenComplete { _ in
                deadline.cancel()
                channel.close(promise: nil)
            }
        } catch {
            finished.fail(error)
        }
        return finished.futureResult
    }

    /// Tells the end of the handshake, good or bad.
    private final class HandshakeWaiter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        /// Used on the channel's event loop alone; `nil` once it has been told.
        private var finished: EventLoopPromise<Void>?

        init(_ finished: EventLoopPromise<Void>) { self.finished = finished }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted? = event as? TLSUserEvent { self.finish(nil) }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.finish(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.finish(ChannelError.eof)
            context.fireChannelInactive()
        }

        private func finish(_ error: (any Error)?) {
            guard let finished = self.finished else { return }
            self.finished = nil
            if let error { finished.fail(error) } else { finished.succeed(()) }
        }
    }
}
