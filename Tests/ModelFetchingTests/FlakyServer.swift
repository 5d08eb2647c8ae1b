// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// An HTTP server on loopback that answers each request with what a test wants, bytes and all.
final class FlakyServer: Sendable {
    /// What a request is answered with.
    struct Answer: Sendable {
        var bytes: [UInt8]
        /// Whether the connection is closed behind it.
        var closes = true
        /// Whether nothing is sent for good.
        var isSilent = false
    }

    /// A request's first line and its header lines.
    struct Request: Sendable {
        let target: String
        let headers: [String: String]

        /// Where the wanted range begins.
        var rangeStart: Int? {
            self.headers["range"].flatMap { $0.hasPrefix("bytes=") && $0.hasSuffix("-") ? Int($0.dropFirst(6).dropLast()) : nil }
        }
    }

    let requests = Mutex<[Request]>([])
    private let channel: any Channel
    let port: Int

    private init(_ channel: any Channel, _ port: Int) {
        self.channel = channel
        self.port = port
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(self.port)\(path)" }

    /// Runs `body` with a server.
    static func with<Result>(
        _ answer: @escaping @Sendable (_ request: Request, _ number: Int) -> Answer, _ body: (FlakyServer) async throws -> Result
    ) async throws -> Result {
        let numbered = Mutex<FlakyServer?>(nil)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            let number = numbered.withLock { server in
                                server?.requests.withLock {
                                    $0.append(request)
                                    return $0.count
                                } ?? 0
                            }
                            return answer(request, number)
                        })
                }
            }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        let server = FlakyServer(channel, channel.localAddress?.port ?? 0)
        numbered.withLock { $0 = server }
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// Reads one request and writes one answer.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var received = ""
        private let answer: @Sendable (Request) -> Answer

        init(_ answer: @escaping @Sendable (Request) -> Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.received += String(buffer: self.unwrapInboundIn(data))
            guard self.received.contains("\r\n\r\n") else { return }
            let lines = self.received.split(separator: "\r\n").map(String.init)
            self.received = ""
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
            }
            let target = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
            let answer = self.answer(Request(target: target, headers: headers))
            if answer.isSilent { return }
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: answer.bytes)), promise: nil)
            if answer.closes { context.close(promise: nil) }
        }
    }
}

extension FlakyServer.Answer {
    /// A response with these header lines and this body.
    static func response(_ status: String, _ headers: [String] = [], _ body: [UInt8] = [], length: Int? = nil) -> Self {
        let head = (["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(length ?? body.count)", "Connection: close"]).joined(separator: "\r\n")
        return Self(bytes: Array((head + "\r\n\r\n").utf8) + body)
    }

    static let silence = Self(bytes: [], isSilent: true)
}
