// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Answers what is no HTTP/1 with one 400 (Bad Request), and ends the connection.
///
/// In place of NIO's own handler, which answers twice where the parser complains twice, as it does of an unknown version, and also where nothing
/// may be written any more: of half a request's head the parser complains only when the connection has ended.
final class HTTPProtocolErrorHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var hasRefused = false
    private var isDraining = false
    /// Whether an answer has begun that has not ended.
    private var isAnswering = false

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The last answer is the last thing to be written.
        if event is ConnectionDrain.Begun { self.isDraining = true }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(let head): self.isAnswering = head.status.code >= 200
        case .body: break
        case .end: self.isAnswering = false
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, context.channel.isActive, !self.isDraining, !self.isAnswering else {
            return context.fireErrorCaught(error)
        }
        guard !self.hasRefused else { return }
        self.hasRefused = true
        // An earlier answer may still be on its way to a slow client.
        context.refuse(.badRequest).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}
