// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import SecretProvisioning

/// One HTTPS connection: limits first, then TLS with the certificate of the moment, then HTTP.
struct DoorChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let http: HTTP1Channel
    let identity: ActiveIdentity
    let gate: ConnectionGate
    let handshakeTimeout: Duration
    let exchangeTimeout: Duration

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard self.gate.admit(channel) else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers([
                NIOSSLServerHandler(context: self.identity.plainContext),
                ConnectionDeadline(handshake: self.handshakeTimeout, exchange: self.exchangeTimeout),
            ])
        }.flatMap {
            self.http.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async { await self.http.handle(value: value, logger: logger) }
}
