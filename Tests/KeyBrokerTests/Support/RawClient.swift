// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A TLS client that sends what it is told and keeps all that comes back.
struct RawClient {
    /// What it shows in the handshake.
    struct Credentials: Sendable {
        let certificateDER: [UInt8]
        let privateKeyPEM: [UInt8]
    }

    let port: Int
    var credentials: Credentials?
    var version: TLSVersion = .tlsv13
    /// Pieces of the request; each is a TLS record of its own.
    var pieces: [[UInt8]] = []
    /// Whether each byte, of the handshake too, is sent for itself.
    var dribbles = false
    /// Whether to end the sending side's connection after the last piece instead of waiting.
    var hangsUp = false

    /// Everything that the server sent, however the connection ended.
    func run() async throws -> [UInt8] {
        let context = try self.context()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: self.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if self.dribbles { try channel.pipeline.syncOperations.addHandler(Dribble()) }
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let received = Received()
        // How the connection ends is not this client's business: what came before is.
        try? await channel.executeThenClose { inbound, outbound in
            for piece in self.pieces { try? await outbound.write(ByteBuffer(bytes: piece)) }
            if self.hangsUp { return }
            for try await buffer in inbound { received.bytes += buffer.readableBytesView }
        }
        return received.bytes
    }

    private final class Received {
        var bytes: [UInt8] = []
    }

    private func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = self.version
        configuration.maximumTLSVersion = self.version
        configuration.certificateVerification = .none
        if let credentials = self.credentials {
            configuration.certificateChain = [.certificate(try NIOSSLCertificate(bytes: credentials.certificateDER, format: .der))]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: credentials.privateKeyPEM, format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Sends every byte for itself, as the slowest client might.
private final class Dribble: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var buffer = self.unwrapOutboundIn(data)
        while buffer.readableBytes > 1, let byte = buffer.readSlice(length: 1) {
            context.writeAndFlush(self.wrapOutboundOut(byte), promise: nil)
        }
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: promise)
    }
}
