// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP2

/// A stream of HTTP/2 as a request of its connection, whose drain waits for its answer, but not for a client that does not send it.
///
/// What is still to come of a request when the connection begins to drain must come as a body of HTTP/1 must. Else the stream is reset as one that was not
/// processed (RFC 9113, section 8.7), which gRPC's clients take for UNAVAILABLE, and may try elsewhere.
final class StreamDrain: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let drain: ConnectionDrain
    private let limits: HTTPTimeLimits
    private var isComplete = false
    private var timer: Scheduled<Void>?
    /// What came of the request in the present span.
    private var received = 0

    init(_ limits: HTTPTimeLimits, drain: ConnectionDrain) {
        self.drain = drain
        self.limits = limits
    }

    /// Counts a stream among the requests of its connection, from its begin to its end.
    static func apply(_ limits: HTTPTimeLimits, to stream: any Channel) throws {
        guard let drain = try stream.parent?.pipeline.syncOperations.handler(type: ConnectionDrain.self) else { return }
        try stream.pipeline.syncOperations.addHandler(StreamDrain(limits, drain: drain), position: .first)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.drain.requestBegan()
        // A client may begin a request before it has been told of the end.
        if self.drain.isDraining { self.awaitEnd(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.drain.requestEnded()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !self.isComplete { self.awaitEnd(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .headers(let headers): self.isComplete = headers.endStream
        case .data(let part):
            self.received += part.data.readableBytes
            self.isComplete = part.endStream
        default: break
        }
        if self.isComplete { self.timer?.cancel() }
        context.fireChannelRead(data)
    }

    private func awaitEnd(_ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.received = 0
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.limits.drainingBodySpan) {
            guard self.received < self.limits.slowestBody else { return self.awaitEnd(context) }
            context.writeAndFlush(self.wrapOutboundOut(.rstStream(.refusedStream)), promise: nil)
        }
    }
}
