// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import RATLS

@Suite("What a client sends while it is judged")
struct ReadPauseTests {
    /// Stands for the network.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            self.count += 1
            context.read()
        }
    }

    @Test("is left to the network, and read afterwards if it was asked for meanwhile")
    func pause() throws {
        let (reads, pause) = (Reads(), ReadPause())
        let channel = EmbeddedChannel(handlers: [reads, pause])
        channel.read()
        #expect(reads.count == 1)
        pause.begin()
        channel.read()
        channel.read()
        #expect(reads.count == 1)
        pause.end()
        #expect(reads.count == 2)
        pause.begin()
        pause.end()
        #expect(reads.count == 2)
        channel.read()
        #expect(reads.count == 3)
        _ = try channel.finish()
    }
}
