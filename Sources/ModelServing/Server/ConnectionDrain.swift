// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Ends a connection that is to drain once nothing is under way on it, whatever its client does.
///
/// The first in the pipeline: protocols end in an orderly way, with a farewell that the client acknowledges, and are given ``patience`` for it. Then
/// the connection is closed before them, so that no client that says nothing holds the server: not in its TLS handshake, nor before its first
/// request, nor behind its last one.
final class ConnectionDrain: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    /// Tells the handlers behind that the connection ends with what is under way.
    ///
    /// NIO's own event for it, `ChannelShouldQuiesceEvent`, does not get past the handler that keeps HTTP answers in the order of requests.
    struct Begun: Sendable {}

    /// How long a client may take to acknowledge the end.
    private static let patience = TimeAmount.seconds(1)

    private var requests = 0
    private(set) var isDraining = false
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            self.isDraining = true
            context.fireUserInboundEventTriggered(Begun())
            self.closeWhenIdle()
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A request has begun to come.
    func requestBegan() {
        self.requests += 1
        self.timer?.cancel()
    }

    /// A request's answer has been written.
    func requestEnded() {
        self.requests -= 1
        self.closeWhenIdle()
    }

    private func closeWhenIdle() {
        guard self.isDraining, self.requests == 0, let context = self.context else { return }
        self.timer?.cancel()
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) {
            // Done when everything before it has been sent: an answer that is on its way to a slow client is as much under way as its request was.
            // Who reads none of it holds the connection until --drain-timeout is over, which no shorter span can tell from who reads slowly.
            context.writeAndFlush(NIOAny(ByteBuffer())).assumeIsolated().whenComplete { _ in
                if self.requests == 0 { context.close(promise: nil) }
            }
        }
    }
}
