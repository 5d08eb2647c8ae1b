// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ModelServing

@Suite("The refusal of what never became a request")
struct RefusalTests {
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = Never
    }

    @Test("is written by the encoder, and fails where there is none")
    func encoder() throws {
        let channel = EmbeddedChannel(handler: Handler())
        let context = try channel.pipeline.syncOperations.context(handlerType: Handler.self)
        #expect(throws: ChannelPipelineError.notFound) { try context.refuse(.badRequest).wait() }
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        try channel.pipeline.syncOperations.addHandler(HTTPResponseEncoder(), position: .first)
        try context.refuse(.badRequest).wait()
        let answer = try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) }
        #expect(answer == "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    }
}
