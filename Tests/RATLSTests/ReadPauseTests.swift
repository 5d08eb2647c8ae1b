// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOEmbedded
import NIOPosix
import NIOSSL
import Testing

@testable import RATLS

@Suite("What a client sends while it is judged")
struct ReadPauseTests {
    /// Stands for the network.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            self.count += 1
            context.read()
        }
    }

    @Test("is left to the network, and read afterwards if it was asked for meanwhile")
    func pause() throws {
        let (reads, pause) = (Reads(), ReadPause())
        let channel = EmbeddedChannel(handlers: [reads, pause])
        channel.read()
        #expect(reads.count == 1)
        pause.begin()
        channel.read()
        channel.read()
        #expect(reads.count == 1)
        pause.end()
        #expect(reads.count == 2)
        pause.begin()
        pause.end()
        #expect(reads.count == 2)
        channel.read()
        #expect(reads.count == 3)
        _ = try channel.finish()
    }

    /// One connection on the server's side, and how often it was read from.
    private struct Accepted: Sendable {
        let channel: any Channel
        let reads: NIOLoopBound<Reads>

        /// Asks for two reads; how many of them reach the network.
        func read() async throws -> Int {
            try await self.channel.eventLoop.submit {
                let before = self.reads.value.count
                self.channel.read()
                self.channel.read()
                return self.reads.value.count - before
            }.get()
        }
    }

    @Test("is not read by a server of RA-TLS", .timeLimit(.minutes(1)))
    func server() async throws {
        let authority = try CertificateAuthority(named: "CA", keyType: .p256, now: Date())
        let issued = try authority.issue(to: [try CertificateName("localhost")], role: .server, keyType: .p256, days: 1, now: Date())
        let identity = try TLSIdentity(
            certificatePEM: Array(issued.certificatePEM().utf8), certificateName: "certificate", privateKeyPEM: Array(issued.privateKeyPEM().utf8),
            privateKeyName: "key")
        let context = try RATLSContext.server(identity: identity)
        let (judged, judging) = AsyncStream.makeStream(of: Void.self)
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let (accepted, accepting) = AsyncStream.makeStream(of: Accepted.self)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let reads = Reads()
                let tls = RATLSContext.serverHandlers(context: context, eventLoop: channel.eventLoop) { _ in
                    judging.yield()
                    for await _ in gate { break }
                    return true
                }
                try channel.pipeline.syncOperations.addHandlers([reads] + tls)
                accepting.yield(Accepted(channel: channel, reads: NIOLoopBound(reads, eventLoop: channel.eventLoop)))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.certificateVerification = .none
                configuration.certificateChain = [
                    .certificate(try NIOSSLCertificate(bytes: Array(issued.certificatePEM().utf8), format: .pem))
                ]
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(issued.privateKeyPEM().utf8), format: .pem))
                try channel.pipeline.syncOperations.addHandler(
                    try NIOSSLClientHandler(context: try NIOSSLContext(configuration: configuration), serverHostname: nil))
            }
        }.connect(host: "127.0.0.1", port: listener.localAddress?.port ?? 0).get()
        let connection = try #require(await accepted.first { _ in true })
        for await _ in judged { break }
        #expect(try await connection.read() == 0)
        opening.yield()
        // Once the client is let in, reading goes on.
        while try await connection.read() == 0 { try Task.checkCancellation() }
        try await client.close()
        try await listener.close()
    }
}
