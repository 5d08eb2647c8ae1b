// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RATLS
import Testing

@Suite("Collateral over HTTP")
struct HTTPCollateralTransportTests {
    /// Runs a server that sends these bytes to whoever connects, and then nothing.
    private static func withServer(sending text: String, _ body: (_ url: String) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body("http://127.0.0.1:\(server.localAddress?.port ?? 0)/sgx/certification/v4/tcb")
            try await server.close()
        } catch {
            try await server.close()
            throw error
        }
    }

    @Test(
        "that stops in the middle ends after the timeout", arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"])
    func stalled(text: String) async throws {
        try await Self.withServer(sending: text) { url in
            let error = await #expect(throws: RATLSError.self) {
                try await HTTPCollateralTransport.with(timeout: .milliseconds(300)) { try await $0.get(url, headers: [:], bodyLimit: 100) }
            }
            #expect(error?.code == .collateralUnavailable)
        }
    }

    @Test("that is larger than allowed is refused before it is read")
    func large() async throws {
        try await Self.withServer(sending: "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n{") { url in
            let error = await #expect(throws: RATLSError.self) {
                try await HTTPCollateralTransport.with(timeout: .seconds(20)) { try await $0.get(url, headers: [:], bodyLimit: 100) }
            }
            #expect(error?.code == .badCollateralResponse)
            #expect(error?.message.contains("more than 100 bytes") == true)
        }
    }
}
