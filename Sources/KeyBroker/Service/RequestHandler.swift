// SPDX-License-Identifier: Apache-2.0

import NIOCore
import SecretProvisioning

/// Reads a client's one request, and tells when it is whole or why it never will be.
///
/// What comes after the request is thrown away: it belongs to a dialogue that the broker does not have.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let whole: EventLoopPromise<Void>
    private var parser = ProvisioningRequestParser()

    /// `whole`: of which the first completion counts.
    init(whole: EventLoopPromise<Void>) { self.whole = whole }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        do {
            if try self.parser.receive(buffer.readableBytesUInt8Span) == .complete { self.whole.succeed() }
        } catch {
            self.whole.fail(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.whole.fail(error) }

    func channelInactive(context: ChannelHandlerContext) {
        self.end()
        context.fireChannelInactive()
    }

    /// A channel that never became active is not told that it is inactive.
    func handlerRemoved(context: ChannelHandlerContext) { self.end() }

    private func end() {
        do {
            try self.parser.finish()
        } catch {
            self.whole.fail(error)
        }
    }
}
