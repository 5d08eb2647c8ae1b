// SPDX-License-Identifier: Apache-2.0

import Attestation
import NIOCore
import NIOPosix
import RATLS
import SimulatedTEE
import Synchronization
import Testing

@Suite("Collateral over HTTP")
struct HTTPCollateralTransportTests {
    /// What a server does with a connection as soon as it is made.
    enum Behaviour: Sendable {
        /// Sends a text and then nothing.
        case stall(String)
        /// Sends a text and closes.
        case close(String)
        /// Sends a head, and then a million bytes a time for as long as they are taken.
        case flood(String)
        /// Sends a text, and then a byte now and then.
        case drip(String)
    }

    /// A server on the loopback interface that answers without having been asked.
    final class Server: Sendable {
        private let connectionCount = Mutex(0)
        private let sentCount = Mutex(0)
        /// Number of connections that were made so far.
        var connections: Int { self.connectionCount.withLock { $0 } }
        /// Number of bytes that the system has taken from a flood.
        var sent: Int { self.sentCount.withLock { $0 } }

        static func with(_ behaviour: Behaviour, _ body: (_ base: String, Server) async throws -> Void) async throws {
            let server = Server()
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    server.connectionCount.withLock { $0 += 1 }
                    server.start(behaviour, on: channel)
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .bind(host: "127.0.0.1", port: 0).get()
            do {
                try await body("http://127.0.0.1:\(channel.localAddress?.port ?? 0)/sgx/certification/v4/", server)
                try await channel.close()
            } catch {
                try await channel.close()
                throw error
            }
        }

        private func start(_ behaviour: Behaviour, on channel: any Channel) {
            switch behaviour {
            case .stall(let text): channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            case .close(let text): channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
            case .flood(let head):
                channel.writeAndFlush(ByteBuffer(string: head), promise: nil)
                self.flood(channel, left: 100)
            case .drip(let head):
                channel.writeAndFlush(ByteBuffer(string: head), promise: nil)
                let drips = channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) { _ in
                    channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
                }
                channel.closeFuture.whenComplete { _ in drips.cancel() }
            }
        }

        /// Sends the next million bytes once the last have been taken.
        private func flood(_ channel: any Channel, left: Int) {
            guard left > 0 else { return }
            channel.writeAndFlush(ByteBuffer(repeating: UInt8(ascii: "x"), count: 1_000_000)).whenSuccess {
                self.sentCount.withLock { $0 += 1_000_000 }
                self.flood(channel, left: left - 1)
            }
        }
    }

    private static func get(_ base: String, timeout: Duration = .seconds(20), bodyLimit: Int = 100) async throws -> CollateralResponse {
        try await HTTPCollateralTransport.with(timeout: timeout) { try await $0.get("\(base)tcb", headers: [:], bodyLimit: bodyLimit) }
    }

    @Test(
        "that stops in the middle ends after the timeout",
        arguments: [
            Behaviour.stall(""), .stall("HTTP/1.1 200 OK\r\n"), .stall("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"),
            .drip("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"), .drip("HTTP/1.1 200 OK\r\nx: "),
        ])
    func stalled(behaviour: Behaviour) async throws {
        try await Server.with(behaviour) { base, _ in
            let error = await #expect(throws: RATLSError.self) { try await Self.get(base, timeout: .milliseconds(300), bodyLimit: 1 << 20) }
            #expect(error?.code == .collateralUnavailable)
        }
    }

    @Test("that is announced as larger than allowed is refused before it is read")
    func large() async throws {
        try await Server.with(.stall("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n{")) { base, _ in
            let error = await #expect(throws: RATLSError.self) { try await Self.get(base) }
            #expect(error?.code == .badCollateralResponse)
            #expect(error?.message.contains("more than 100 bytes") == true)
        }
    }

    @Test(
        "of a PCCS that lies about 100 MB is cut off at the limit",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5F5E100\r\n",
        ])
    func flood(head: String) async throws {
        try await Server.with(.flood(head)) { base, server in
            let client = try CollateralServiceAddress(base)
            let error = await #expect(throws: RATLSError.self) {
                try await HTTPCollateralTransport.with { transport in
                    try await PCCSClient(address: client, transport: transport, sleep: { _ in })
                        .collateral(for: CollateralKey(tee: .sgx, fmspc: Samples.platform.fmspc, certificateAuthority: .platform))
                }
            }
            #expect(error?.code == .badCollateralResponse)
            #expect(error?.message.contains("more than 1048576 bytes") == true)
            // The system's buffers take some of what nobody reads, for each of four documents; most stays with the liar.
            #expect(server.sent < 100_000_000)
        }
    }

    @Test("with headers without end is refused")
    func headers() async throws {
        try await Server.with(.flood("HTTP/1.1 200 OK\r\nTCB-Info-Issuer-Chain: ")) { base, server in
            let error = await #expect(throws: RATLSError.self) { try await Self.get(base) }
            #expect(error?.code == .collateralUnavailable)
            #expect(server.sent < 100_000_000)
        }
    }

    @Test(
        "over a connection that breaks is asked for three times in all",
        arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{", "garbage\r\n\r\n"])
    func broken(text: String) async throws {
        try await Server.with(.close(text)) { base, server in
            let address = try CollateralServiceAddress(base)
            let error = await #expect(throws: RATLSError.self) {
                try await HTTPCollateralTransport.with { transport in
                    _ = try await PCCSClient(address: address, transport: transport, sleep: { _ in }).tcbEvaluationDataNumbers(for: .sgx)
                }
            }
            #expect(error?.code == .collateralUnavailable)
            #expect(server.connections == 3)
        }
    }

    @Test("of a port where nobody listens is unavailable")
    func refused() async throws {
        var closed = ""
        try await Server.with(.stall("")) { base, _ in closed = base }
        let error = await #expect(throws: RATLSError.self) { try await Self.get(closed) }
        #expect(error?.code == .collateralUnavailable)
        #expect(error?.remedy?.contains("curl") == true)
    }

    @Test("is not looked for where a redirect points to")
    func redirect() async throws {
        try await Server.with(.stall("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")) { base, _ in
            let response = try await Self.get(base)
            #expect(response.status == 302)
        }
    }
}
