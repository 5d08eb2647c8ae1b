// SPDX-License-Identifier: Apache-2.0

import ModelClient
import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import SavedModels
import Testing

@testable import ModelServing

@Suite("The limit of a message's size")
struct MessageSizeLimitTests {
    /// A message as it travels.
    private static func framed(_ length: Int) -> [UInt8] {
        [0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + [UInt8](repeating: 0xFF, count: length)
    }

    /// Reads a stream in pieces of `size` bytes until a message is too long.
    private static func found(in stream: [UInt8], pieces size: Int) -> Int? {
        var framing = MessageFraming()
        for start in stride(from: 0, to: stream.count, by: size) {
            let piece = ByteBuffer(bytes: stream[start..<min(start + size, stream.count)])
            if let length = framing.findMessage(longerThan: 300, in: piece) { return length }
        }
        return nil
    }

    @Test("is told by the message's prefix, however the stream comes in pieces", arguments: [1, 2, 3, 4, 5, 6, 7, 64, 305, 306, 10_000])
    func framing(size: Int) {
        let before = Self.framed(0) + Self.framed(299) + Self.framed(0)
        #expect(Self.found(in: before + Self.framed(300) + Self.framed(1), pieces: size) == nil)
        #expect(Self.found(in: before + Self.framed(301), pieces: size) == 301)
        #expect(Self.found(in: before + [0, 0, 0, 1, 45], pieces: size) == 301)
        #expect(Self.found(in: before + [1, 0xFF, 0xFF, 0xFF, 0xFF], pieces: size) == Int(UInt32.max))
        #expect(Self.found(in: before + [0, 0, 0, 1], pieces: size) == nil)
    }

    private typealias Payload = HTTP2Frame.FramePayload

    private static func data(_ bytes: some Sequence<UInt8>) -> Payload { .data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)))) }

    @Test("keeps from the transport what is too long, to its last frame, and from the client what the transport answers after the refusal")
    func refusal() throws {
        let stream = EmbeddedChannel(handler: MessageSizeLimit(300))
        let request = Payload.headers(.init(headers: [":method": "POST"]))
        for frame in [request, Self.data(Self.framed(300))] {
            try stream.writeInbound(frame)
            #expect(try stream.readInbound(as: Payload.self) != nil)
        }
        let tooLong = Self.framed(301)
        for part in [tooLong[..<100], tooLong[100...], tooLong[...]] {
            try stream.writeInbound(Self.data(part))
            #expect(try stream.readInbound(as: Payload.self) == nil)
        }
        let late = Payload.headers(.init(headers: ["grpc-status": "13"], endStream: true))
        #expect(throws: ChannelError.ioOnClosedChannel) { try stream.writeOutbound(late) }
        guard case .headers(let answer) = try stream.readOutbound(as: Payload.self) else { return _ = Issue.record("no answer") }
        #expect(answer.endStream && answer.headers["grpc-status"] == ["8"])
        guard case .rstStream(.noError) = try stream.readOutbound(as: Payload.self) else { return _ = Issue.record("no reset") }
        #expect(try stream.readOutbound(as: Payload.self) == nil)
    }

    @Test("lets the rest of a call through whose answer has ended")
    func afterTheAnswer() throws {
        let stream = EmbeddedChannel(handler: MessageSizeLimit(300))
        try stream.writeOutbound(Payload.headers(.init(headers: ["grpc-status": "5"], endStream: true)))
        #expect(try stream.readOutbound(as: Payload.self) != nil)
        try stream.writeInbound(Self.data(Self.framed(301)))
        #expect(try stream.readInbound(as: Payload.self) != nil)
        #expect(try stream.readOutbound(as: Payload.self) == nil)
    }

    private static func inputs(_ count: Int) -> [String: TensorValue] {
        ["x": TensorValue(floats: [Float](repeating: 2, count: count), shape: [count])]
    }

    @Test(
        "is told to a client, and its connection serves on",
        .enabled(if: ServerFixture.isAvailable, "needs TensorFlow's library and TensorFlow Serving's models"))
    func refused() async throws {
        let fixture = try ServerFixture()
        var options = fixture.options
        options.listening.maximumMessageSize = 1000
        try await fixture.asking(options, try fixture.security(of: fixture.authority)) { client in
            for count in [300, 300_000] {
                let large = Self.inputs(count)
                let error = await #expect(throws: ModelClientError.self) { try await client.predict(model: "half", inputs: large) }
                #expect(error?.message.contains("Received message larger than max (") == true, "\(String(describing: error))")
                let answer = try await client.predict(model: "half", inputs: Self.inputs(200))
                #expect(answer.outputs["y"]?.numbers?.count == 200)
            }
        }
    }
}
