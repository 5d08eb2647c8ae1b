// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

@testable import ModelServing

@Suite("A stream whose connection drains")
struct StreamDrainTests {
    private typealias Payload = HTTP2Frame.FramePayload

    private static let limits = {
        var limits = HTTPTimeLimits()
        limits.slowestBody = 10
        return limits
    }()

    private static func data(_ count: Int, isLast: Bool = false) -> Payload {
        .data(.init(data: .byteBuffer(ByteBuffer(repeating: 0, count: count)), endStream: isLast))
    }

    /// A stream of a request whose head has come.
    private static func begun(isLast: Bool = false) throws -> EmbeddedChannel {
        let stream = EmbeddedChannel(handler: StreamDrain(Self.limits, drain: ConnectionDrain()))
        try stream.writeInbound(Payload.headers(.init(headers: [":method": "POST"], endStream: isLast)))
        return stream
    }

    private static func wasRefused(_ stream: EmbeddedChannel) throws -> Bool {
        if case .rstStream(.refusedStream) = try stream.readOutbound(as: Payload.self) { true } else { false }
    }

    @Test("is refused when the rest of its request does not come, and not before its time", arguments: [0, 9])
    func refused(count: Int) throws {
        let stream = try Self.begun()
        stream.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(try !Self.wasRefused(stream))
        stream.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try stream.writeInbound(Self.data(count))
        stream.embeddedEventLoop.advanceTime(by: Self.limits.drainingBodySpan - .nanoseconds(1))
        #expect(try !Self.wasRefused(stream))
        stream.embeddedEventLoop.advanceTime(by: .nanoseconds(1))
        #expect(try Self.wasRefused(stream))
    }

    @Test("goes on for as long as its request comes fast enough")
    func slow() throws {
        let stream = try Self.begun()
        stream.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        for _ in 0..<3 {
            try stream.writeInbound(Self.data(10))
            stream.embeddedEventLoop.advanceTime(by: Self.limits.drainingBodySpan)
            #expect(try !Self.wasRefused(stream))
        }
        stream.embeddedEventLoop.advanceTime(by: Self.limits.drainingBodySpan)
        #expect(try Self.wasRefused(stream))
    }

    @Test("takes its time once its request is complete, before the drain or in it")
    func complete() throws {
        let (head, body, late) = (try Self.begun(isLast: true), try Self.begun(), try Self.begun())
        try body.writeInbound(Self.data(1, isLast: true))
        for stream in [head, body, late] { stream.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        try late.writeInbound(Self.data(1, isLast: true))
        for stream in [head, body, late] {
            stream.embeddedEventLoop.advanceTime(by: .hours(1))
            #expect(try !Self.wasRefused(stream))
        }
    }

    @Test("is refused when it begins in the drain and says nothing more")
    func lateBegin() throws {
        let drain = ConnectionDrain()
        let connection = EmbeddedChannel(handler: drain)
        connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        let stream = EmbeddedChannel(handler: StreamDrain(Self.limits, drain: drain))
        stream.embeddedEventLoop.advanceTime(by: Self.limits.drainingBodySpan)
        #expect(try Self.wasRefused(stream))
    }
}
