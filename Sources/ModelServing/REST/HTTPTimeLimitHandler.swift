// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Ends connections whose client is too slow, with 408 (Request Timeout), and tells when a request is under way.
final class HTTPTimeLimitHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: HTTPTimeLimits
    private let drain: ConnectionDrain
    private var isDraining = false
    private var awaitsBody = false
    private var timer: Scheduled<Void>?
    /// What came of a body in the present span.
    private var received = 0

    init(_ limits: HTTPTimeLimits, drain: ConnectionDrain) {
        self.limits = limits
        self.drain = drain
    }

    func handlerAdded(context: ChannelHandlerContext) { self.awaitHead(context) }

    func handlerRemoved(context: ChannelHandlerContext) { self.timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ConnectionDrain.Begun {
            self.isDraining = true
            if self.awaitsBody { self.awaitBody(context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head:
            self.drain.requestBegan()
            self.awaitsBody = true
            self.awaitBody(context)
        case .body(let bytes): self.received += bytes.readableBytes
        case .end:
            self.awaitsBody = false
            self.timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) {
            self.drain.requestEnded()
            self.awaitsBody = false
            self.awaitHead(context)
        }
        context.write(data, promise: promise)
    }

    private func awaitHead(_ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.limits.head) { self.end(context) }
    }

    private func awaitBody(_ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.received = 0
        let span = self.isDraining ? self.limits.drainingBodySpan : self.limits.bodySpan
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: span) {
            if self.received < self.limits.slowestBody { self.end(context) } else { self.awaitBody(context) }
        }
    }

    /// Answers for the request that did not come, and closes.
    private func end(_ context: ChannelHandlerContext) {
        _ = context.refuse(.requestTimeout)
        context.close(promise: nil)
    }
}
