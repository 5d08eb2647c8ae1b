// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL

/// One connection to a gRPC server, over which one request is sent again and again.
///
/// It writes HTTP/2 frames itself: client and server share the machine, so what a client library costs would be measured as the server's.
struct LoadClient: Sendable {
    private let channel: any Channel
    private let driver: NIOLoopBound<LoadDriver>

    /// Connects; TLS is set up, HTTP/2 is begun.
    static func connect(to target: LoadTarget) async throws -> LoadClient {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton.next())
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: target.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let security = target.security {
                        try pipeline.addHandler(NIOSSLClientHandler(context: security, serverHostname: target.serverName))
                    }
                    var connection = NIOHTTP2Handler.ConnectionConfiguration()
                    connection.initialSettings = [
                        HTTP2Setting(parameter: .enablePush, value: 0), HTTP2Setting(parameter: .initialWindowSize, value: 8 << 20),
                    ]
                    try pipeline.addHandler(NIOHTTP2Handler(mode: .client, connectionConfiguration: connection))
                    let driver = LoadDriver(target, channel: channel)
                    try pipeline.addHandler(driver)
                    return LoadClient(channel: channel, driver: NIOLoopBound(driver, eventLoop: channel.eventLoop))
                }
            }
    }

    /// Keeps `concurrency` requests under way until the time is over.
    ///
    /// - Returns: the time that each answer took, in milliseconds.
    func round(concurrency: Int, seconds: Double) async throws -> [Double] {
        try await self.channel.eventLoop.flatSubmit {
            self.driver.value.begin(concurrency: concurrency, until: .now() + .nanoseconds(Int64(seconds * 1e9)))
        }.get()
    }

    func close() async throws { try await self.channel.close() }
}

/// Sends a request whenever one was answered; lives on its channel's event loop.
private final class LoadDriver: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// The server is told that answers were read when there is this much of them; it may send far more before it waits for that.
    private static let unreadLimit = 1 << 20
    private static let windowIncrement = 1 << 26

    private let channel: any Channel
    private let headers: HPACKHeaders
    private let message: ByteBuffer
    private var nextStream = 1
    private var begun: [HTTP2StreamID: NIODeadline] = [:]
    private var times: [Double] = []
    private var end = NIODeadline.now()
    private var unread = 0
    private var whenDone: EventLoopPromise<[Double]>?

    init(_ target: LoadTarget, channel: any Channel) {
        self.channel = channel
        self.headers = HPACKHeaders([
            (":method", "POST"), (":scheme", target.security == nil ? "http" : "https"), (":path", "/tensorflow.serving.PredictionService/Predict"),
            (":authority", target.serverName), ("te", "trailers"), ("content-type", "application/grpc"),
        ])
        var message = channel.allocator.buffer(capacity: target.request.count + 5)
        // gRPC's prefix: not compressed, and the length.
        message.writeInteger(UInt8(0))
        message.writeInteger(UInt32(target.request.count))
        message.writeBytes(target.request)
        self.message = message
    }

    func begin(concurrency: Int, until end: NIODeadline) -> EventLoopFuture<[Double]> {
        let promise = self.channel.eventLoop.makePromise(of: [Double].self)
        guard self.channel.isActive else {
            promise.fail(LoadFailure.connectionEnded)
            return promise.futureResult
        }
        self.whenDone = promise
        if self.nextStream == 1 {
            self.channel.write(HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: Self.windowIncrement)), promise: nil)
        }
        self.times = []
        self.end = end
        for _ in 0..<concurrency { self.ask() }
        self.channel.flush()
        return promise.futureResult
    }

    private func ask() {
        let stream = HTTP2StreamID(self.nextStream)
        self.nextStream += 2
        self.begun[stream] = .now()
        self.channel.write(HTTP2Frame(streamID: stream, payload: .headers(.init(headers: self.headers))), promise: nil)
        self.channel.write(HTTP2Frame(streamID: stream, payload: .data(.init(data: .byteBuffer(self.message), endStream: true))), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        switch frame.payload {
        case .data(let data): self.took(data.data.readableBytes)
        case .headers(let headers) where headers.endStream: self.ended(frame.streamID, headers.headers)
        case .rstStream(let code): self.fail(LoadFailure.status(-1, "the stream was reset: \(code)"))
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    private func took(_ count: Int) {
        self.unread += count
        guard self.unread >= Self.unreadLimit else { return }
        self.channel.write(HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: self.unread)), promise: nil)
        self.unread = 0
    }

    private func ended(_ stream: HTTP2StreamID, _ trailers: HPACKHeaders) {
        guard let begun = self.begun.removeValue(forKey: stream) else { return }
        guard trailers.first(name: "grpc-status") == "0" else {
            let code = trailers.first(name: "grpc-status").flatMap { Int($0) } ?? -1
            return self.fail(LoadFailure.status(code, trailers.first(name: "grpc-message") ?? ""))
        }
        let now = NIODeadline.now()
        self.times.append(Double((now - begun).nanoseconds) / 1e6)
        if now < self.end {
            self.ask()
        } else if self.begun.isEmpty {
            self.whenDone?.succeed(self.times)
            self.whenDone = nil
        }
    }

    private func fail(_ error: any Error) {
        self.whenDone?.fail(error)
        self.whenDone = nil
        self.channel.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { self.fail(LoadFailure.connectionEnded) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.fail(error) }
}
