// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import RATLS
import Testing

@testable import ModelServing

@Suite("The HTTP listener, over loopback")
struct HTTPListenerTests {
    /// Runs a listener whose one page is at `/page`, and lets `body` speak to it.
    private func listening(
        _ configure: (inout HTTPListener.Configuration) -> Void = { _ in }, page: @escaping HTTPRouter.Page = { .text("words") },
        _ body: @escaping @Sendable (RawConnection) async throws -> Void
    ) async throws {
        try await self.serving(configure, page: page) { try await body($1) }
    }

    /// The same, for a `body` that also tells the listener to shut down.
    private func serving(
        _ configure: (inout HTTPListener.Configuration) -> Void = { _ in }, page: @escaping HTTPRouter.Page = { .text("words") },
        _ body: @escaping @Sendable (HTTPListener, RawConnection) async throws -> Void
    ) async throws {
        var configuration = HTTPListener.Configuration(address: "127.0.0.1", port: 0)
        configure(&configuration)
        let listener = HTTPListener(
            configuration: configuration,
            router: HTTPRouter(api: RESTAPI(repository: ModelRepository()), pages: ["/page": page]))
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run { continuation.yield($0) } }
            for await port in ports {
                let connection = try await RawConnection(port: port)
                // Connections are accepted in order: where a later one has been refused, over what is neither HTTP nor TLS, this one is there.
                let later = try await RawConnection(port: port)
                // Where it took too long to say even that, it has been refused already.
                try? await later.send("HELLO\r\n\r\n")
                _ = await later.readToEnd()
                try await body(listener, connection)
                break
            }
            // The listener ends by itself, and without an error.
            listener.beginGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test("a connection is kept for the next request, until the client asks to close it")
    func keepAlive() async throws {
        try await self.listening { connection in
            try await connection.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = await connection.readToEnd()
            #expect(text.components(of: "HTTP/1.1 200 OK") == 2)
            #expect(text.components(of: "words") == 2)
            #expect(text.contains("Connection: close"))
        }
    }

    @Test("chunked bodies are put together")
    func chunked() async throws {
        try await self.listening { connection in
            try await connection.send(
                "POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                    + "4\r\n{\"in\r\nc\r\nstances\": 1,\r\n0\r\n\r\n")
            let text = await connection.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request"))
            // All of the text has arrived: the error is behind its last byte.
            #expect(text.contains("JSON Parse error: Missing a name for object member. at offset: 16"))
        }
    }

    @Test("a client that asks before it sends a body is told to go on")
    func expectation() async throws {
        try await self.listening { connection in
            try await connection.send(
                "POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
            #expect(await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue"))
            try await connection.send("x")
            #expect(await connection.readToEnd().contains("HTTP/1.1 400 Bad Request"))
        }
    }

    @Test("a body beyond the limit is refused, announced or not")
    func largeBody() async throws {
        for framing in ["Content-Length: 11\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"] {
            try await self.listening({ $0.maximumBodySize = 10 }) { connection in
                try await connection.send("POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\n\(framing)")
                let text = await connection.readToEnd()
                #expect(text.hasPrefix("HTTP/1.1 413 "))
                #expect(text.contains("larger than 10 bytes"))
            }
        }
    }

    @Test("what is no HTTP is refused")
    func noHTTP() async throws {
        try await self.listening { connection in
            try await connection.send("HELLO\r\n\r\n")
            #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 400 Bad Request"))
        }
    }

    @Test(
        "what is no HTTP/1 is refused once",
        arguments: [
            "GET /page HTTP/2.0\r\nHost: a\r\n\r\n", "GET /page HTTP/1.1\r\n: a\r\n\r\n",
            "POST /page HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        ])
    func refusedOnce(request: String) async throws {
        try await self.listening { connection in
            try await connection.send(request)
            #expect(await connection.readToEnd() == "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        }
    }

    @Test("what is no HTTP behind a request is refused after its answer")
    func noHTTPBehindRequest() async throws {
        try await self.listening { connection in
            try await connection.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\nHELLO\r\n\r\n")
            let text = await connection.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(text.hasSuffix("wordsHTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
        }
    }

    @Test(
        "a shut down ends what has not begun, without a word", .timeLimit(.minutes(1)),
        arguments: ["", "GET /pa", "GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /pa"])
    func shutDown(begin: String) async throws {
        try await self.serving { listener, connection in
            try await connection.send(begin)
            if begin.contains("\r\n\r\n") { _ = await connection.read(until: "words") }
            listener.beginGracefulShutdown()
            #expect(await connection.readToEnd() == "")
        }
    }

    private static let announcement =
        "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"

    @Test("a shut down waits for a body that is under way")
    func shutDownInBody() async throws {
        try await self.serving { listener, connection in
            try await connection.send(Self.announcement)
            #expect(await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue"))
            listener.beginGracefulShutdown()
            try await connection.send("xx")
            #expect(await connection.readToEnd().contains("JSON Parse error"))
        }
    }

    @Test("a shut down does not wait for a body that does not come", .timeLimit(.minutes(1)))
    func shutDownWithoutBody() async throws {
        try await self.serving({ $0.timeLimits.drainingBodySpan = .milliseconds(100) }) { listener, connection in
            try await connection.send(Self.announcement)
            #expect(await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue"))
            listener.beginGracefulShutdown()
            #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 408 Request Timeout"))
        }
    }

    @Test("a shut down does not wait for a TLS handshake", .timeLimit(.minutes(1)), arguments: ["", "\u{16}\u{3}\u{1}\u{2}\0"])
    func shutDownInHandshake(begin: String) async throws {
        let authority = try CertificateAuthority(named: "CA", keyType: .p256, now: Date())
        let server = try authority.issue(to: [try CertificateName("models.test")], role: .server, keyType: .p256, days: 1, now: Date())
        let material = try TLSMaterial(
            SSLConfiguration(
                serverKey: try server.privateKeyPEM(), serverCertificate: try server.certificatePEM(),
                customCA: try authority.identity.certificatePEM(), clientVerify: true))
        try await self.serving({ $0.security = material.makeRESTHandler }) { listener, connection in
            try await connection.send(begin)
            listener.beginGracefulShutdown()
            #expect(await connection.readToEnd() == "")
        }
    }

    @Test("a shut down lets a request be answered, though half of another is behind it", .timeLimit(.minutes(1)))
    func shutDownWhileAnswering() async throws {
        let (begins, begin) = AsyncStream<Void>.makeStream()
        let (ends, end) = AsyncStream<Void>.makeStream()
        let page: HTTPRouter.Page = {
            begin.yield()
            for await _ in ends { break }
            return .text("words")
        }
        try await self.serving(page: page) { listener, connection in
            try await connection.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /pa")
            for await _ in begins { break }
            listener.beginGracefulShutdown()
            end.yield()
            let text = await connection.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(text.hasSuffix("\r\n\r\nwords"))
        }
    }

    @Test(
        "a client that sends a head or a body too slowly is told so and left",
        arguments: ["GET /page HT", "POST /v1/models/m:predict HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"])
    func slow(begin: String) async throws {
        try await self.listening({
            // Long enough for the client to have begun on a machine with much else to do.
            $0.timeLimits.head = .seconds(2)
            $0.timeLimits.bodySpan = .seconds(2)
        }) { connection in
            // On a machine that is busy elsewhere even this may come too late, which is answered alike.
            try? await connection.send(begin)
            #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 408 Request Timeout"))
        }
    }

    @Test("a request whose client goes away is cancelled")
    func disconnected() async throws {
        let (events, event) = AsyncStream<String>.makeStream()
        let page: HTTPRouter.Page = {
            event.yield("begun")
            // Ends with nothing but its task.
            for await _ in AsyncStream<Void>.makeStream().stream {}
            event.yield(Task.isCancelled ? "cancelled" : "ended")
            return .text("late")
        }
        try await self.listening(page: page) { connection in
            var iterator = events.makeAsyncIterator()
            try await connection.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await iterator.next() == "begun")
            try await connection.close()
            #expect(await iterator.next() == "cancelled")
        }
    }

    @Test("a HEAD request gets no body")
    func head() async throws {
        try await self.listening { connection in
            try await connection.send("HEAD /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = await connection.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(!text.contains("words"))
        }
    }
}

/// A client that sends and reads text as it is.
final class RawConnection: Sendable {
    /// Hands on what arrives, and that the connection has ended.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let received: AsyncStream<String>.Continuation

        init(_ received: AsyncStream<String>.Continuation) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.received.yield(String(buffer: self.unwrapInboundIn(data))) }
        func channelInactive(context: ChannelHandlerContext) { self.received.finish() }
        // A connection that is reset has ended too.
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel
    private let received: AsyncStream<String>

    init(host: String = "127.0.0.1", port: Int, security: NIOSSLContext? = nil) async throws {
        let (received, continuation) = AsyncStream<String>.makeStream()
        self.received = received
        self.channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security { try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: security, serverHostname: nil)) }
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: host, port: port).get()
    }

    func close() async throws { try await self.channel.close().get() }

    func send(_ text: String) async throws { try await self.channel.writeAndFlush(ByteBuffer(string: text)).get() }

    /// Reads up to a text, and what came together with it.
    func read(until end: String) async -> String {
        var text = ""
        for await part in self.received {
            text += part
            if text.contains(end) { break }
        }
        return text
    }

    func readToEnd() async -> String {
        var text = ""
        for await part in self.received { text += part }
        return text
    }
}

extension String {
    /// How often a text occurs in this one.
    fileprivate func components(of part: String) -> Int { self.ranges(of: part).count }
}
