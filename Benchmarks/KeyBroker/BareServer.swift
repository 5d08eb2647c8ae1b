// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL
import RATLS
import SecretProvisioning

/// The same handshakes and the same messages without a broker: nothing is verified, decided or recorded.
///
/// What it reaches is what TLS, the network and the clients leave a broker on this machine.
enum BareServer {
    /// Listens on a port of its own until `body` ends.
    static func with(identity: TLSIdentity, _ body: (_ port: Int) async throws -> Void) async throws {
        let context = try RATLSContext.server(identity: identity)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let tls = NIOSSLServerHandler(context: context) { _, promise in promise.succeed(.certificateVerified) }
                try channel.pipeline.syncOperations.addHandlers([tls, Answering()])
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(server.localAddress?.port ?? 0)
        } catch {
            try? await server.close()
            throw error
        }
        try await server.close()
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var parser = ProvisioningRequestParser()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = self.unwrapInboundIn(data)
            guard (try? self.parser.receive(buffer.readableBytesUInt8Span)) == .complete,
                let header = try? ProvisioningResponse.header(secretCount: 16)
            else { return context.close(promise: nil) }
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: header + [UInt8](0..<16))), promise: nil)
        }
    }
}
