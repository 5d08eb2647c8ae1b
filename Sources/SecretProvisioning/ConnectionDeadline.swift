// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import NIOTLS

/// Ends a TLS connection that takes too long: its handshake, or all that comes after.
package final class ConnectionDeadline: ChannelInboundHandler {
    package typealias InboundIn = NIOAny
    package typealias InboundOut = NIOAny

    /// What was being waited for.
    package enum Stage: String, Sendable {
        case handshake = "the TLS handshake"
        case exchange = "the exchange after the TLS handshake"
    }

    private let handshake: TimeAmount
    private let exchange: TimeAmount
    private var scheduled: Scheduled<Void>?

    package init(handshake: Duration, exchange: Duration) {
        self.handshake = TimeAmount(handshake)
        self.exchange = TimeAmount(exchange)
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.schedule(.handshake, in: self.handshake, context: context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.scheduled?.cancel()
    }

    package func channelActive(context: ChannelHandlerContext) {
        if self.scheduled == nil { self.schedule(.handshake, in: self.handshake, context: context) }
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.scheduled?.cancel()
        context.fireChannelInactive()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent {
            self.scheduled?.cancel()
            self.schedule(.exchange, in: self.exchange, context: context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func schedule(_ stage: Stage, in time: TimeAmount, context: ChannelHandlerContext) {
        self.scheduled = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            context.fireErrorCaught(SecretProvisioningError(.timeout, "\(stage.rawValue) took longer than \(time.nanoseconds / 1_000_000) ms"))
            context.close(promise: nil)
        }
    }
}
