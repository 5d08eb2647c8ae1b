// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHPACK
import NIOHTTP2

/// Answers a message beyond the limit in the words of gRPC's C library, before any of it is stored.
///
/// The transport has a limit of its own, but resets the stream without a word, of which clients make CANCELLED. It lets nobody answer in its
/// place; what it lets others do is to put handlers into a stream's pipeline. This one stands between the network and the transport's.
final class MessageSizeLimit: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let limit: Int
    private var framing = MessageFraming()
    private var hasBegunAnswer = false
    private var hasEndedAnswer = false
    private var hasRefused = false

    init(_ limit: Int) { self.limit = limit }

    /// Puts the limit before the transport's own handlers.
    static func apply(_ limit: Int, to stream: any Channel) throws {
        try stream.pipeline.syncOperations.addHandler(MessageSizeLimit(limit), position: .first)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The rest of what was refused: the transport would take it for the beginning of a message.
        guard !self.hasRefused else { return }
        guard !self.hasEndedAnswer, case .data(let frame) = self.unwrapInboundIn(data), case .byteBuffer(let bytes) = frame.data,
            let length = self.framing.findMessage(longerThan: self.limit, in: bytes)
        else { return context.fireChannelRead(data) }
        self.refuse(length, context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !self.hasRefused else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        if case .headers(let headers) = self.unwrapOutboundIn(data) {
            self.hasBegunAnswer = true
            self.hasEndedAnswer = headers.endStream
        }
        context.write(data, promise: promise)
    }

    /// Answers with the status alone, and has the client send no more (RFC 9113, section 8.1).
    ///
    /// With the reset the stream is closed, which ends the transport's part of the call too.
    private func refuse(_ length: Int, _ context: ChannelHandlerContext) {
        self.hasRefused = true
        var headers: HPACKHeaders = self.hasBegunAnswer ? [:] : [":status": "200", "content-type": "application/grpc"]
        headers.add(name: "grpc-status", value: "8")
        headers.add(name: "grpc-message", value: "SERVER: Received message larger than max (\(length) vs. \(self.limit))")
        context.write(self.wrapOutboundOut(.headers(.init(headers: headers, endStream: true))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.rstStream(.noError)), promise: nil)
    }
}
