// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Ends connections whose client is too slow, with 408 (Request Timeout).
final class HTTPTimeLimitHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: HTTPTimeLimits
    private var timer: Scheduled<Void>?
    /// What came of a body in the present span.
    private var received = 0

    init(_ limits: HTTPTimeLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) { self.awaitHead(context) }

    func handlerRemoved(context: ChannelHandlerContext) { self.timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head: self.awaitBody(context)
        case .body(let bytes): self.received += bytes.readableBytes
        case .end: self.timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) { self.awaitHead(context) }
        context.write(data, promise: promise)
    }

    private func awaitHead(_ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.limits.head) { self.end(context) }
    }

    private func awaitBody(_ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.received = 0
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.limits.bodySpan) {
            if self.received < self.limits.slowestBody { self.end(context) } else { self.awaitBody(context) }
        }
    }

    /// Answers for the request that did not come, and closes.
    private func end(_ context: ChannelHandlerContext) {
        _ = context.refuse(.requestTimeout)
        context.close(promise: nil)
    }
}
