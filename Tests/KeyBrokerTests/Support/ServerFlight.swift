// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import NIOCore
import NIOPosix

/// What a TLS server answers to a greeting, as far as it is readable: read byte for byte, without a TLS library.
struct ServerFlight {
    /// Whether the server chose TLS 1.3 (`supported_versions`, RFC 8446 section 4.2.1).
    private(set) var isTLS13 = false
    /// The kinds of client certificates that a TLS 1.2 server takes.
    private(set) var certificateTypes: [UInt8]?

    private enum Message {
        static let serverHello: UInt8 = 2
        static let certificateRequest: UInt8 = 13
        static let serverHelloDone: UInt8 = 14
    }

    /// Sends pieces, each for itself, and reads until the server has no more to say in the clear.
    static func answer(to pieces: [[UInt8]], port: Int) async throws -> ServerFlight {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
        }
        return try await channel.executeThenClose { inbound, outbound in
            for piece in pieces { try await outbound.write(ByteBuffer(bytes: piece)) }
            var received: [UInt8] = []
            for try await buffer in inbound {
                received += buffer.readableBytesView
                if let flight = try ServerFlight(received) { return flight }
            }
            throw Incomplete()
        }
    }

    struct Incomplete: Error {}

    /// `nil` while the flight is not whole.
    private init?(_ bytes: [UInt8]) throws {
        var records = ByteReader(bytes.span)
        var handshake: [UInt8] = []
        // Records of the handshake (22), RFC 5246 section 6.2.1; in TLS 1.3 the first alone is in the clear.
        while records.remaining >= 5, try records.readUInt8() == 22 {
            _ = try records.readBigEndian(UInt16.self)
            let size = Int(try records.readBigEndian(UInt16.self))
            guard records.remaining >= size else { return nil }
            handshake += try records.readArray(size)
            if handshake.first == Message.serverHello, try Self.choosesTLS13(handshake) {
                self.isTLS13 = true
                return
            }
        }
        var messages = ByteReader(handshake.span)
        while messages.remaining >= 4 {
            let type = try messages.readUInt8()
            let size = Int(try messages.readUInt8()) << 16 | Int(try messages.readBigEndian(UInt16.self))
            guard messages.remaining >= size else { return nil }
            let body = try messages.readArray(size)
            if type == Message.certificateRequest { self.certificateTypes = Array(body.dropFirst().prefix(Int(body.first ?? 0))) }
            if type == Message.serverHelloDone { return }
        }
        return nil
    }

    /// Looks for extension 43 with the value 0304 in a ServerHello.
    private static func choosesTLS13(_ handshake: [UInt8]) throws -> Bool {
        var hello = ByteReader(handshake.span)
        _ = try hello.readArray(4 + 2 + 32)
        _ = try hello.readArray(Int(try hello.readUInt8()))
        _ = try hello.readArray(3)
        guard hello.remaining >= 2 else { return false }
        _ = try hello.readBigEndian(UInt16.self)
        while hello.remaining >= 4 {
            let type = try hello.readBigEndian(UInt16.self)
            let value = try hello.readArray(Int(try hello.readBigEndian(UInt16.self)))
            if type == 43 { return value == [3, 4] }
        }
        return false
    }
}
