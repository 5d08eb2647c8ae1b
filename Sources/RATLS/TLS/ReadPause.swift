// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Leaves what a client sends to the network while its certificate is judged.
///
/// TLS would keep it, as much as comes, and judging may have to wait for a collateral service. Stands before TLS.
final class ReadPause: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var context: ChannelHandlerContext?
    private var isPaused = false
    private var isReadWanted = false

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if self.isPaused { self.isReadWanted = true } else { context.read() }
    }

    /// On the event loop, as all else.
    func begin() { self.isPaused = true }

    func end() {
        self.isPaused = false
        guard self.isReadWanted else { return }
        self.isReadWanted = false
        self.context?.read()
    }
}
