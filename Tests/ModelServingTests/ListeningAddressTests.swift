// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelClient
import TestSupport
import Testing

@testable import ModelServing

@Suite(
    "The address of a running model server", .timeLimit(.minutes(2)),
    .enabled(if: VersionsFixture.isAvailable, "needs TensorFlow's library and TensorFlow Serving's models"),
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/net/if_inet6"), "needs IPv6"))
struct ListeningAddressTests {
    @Test(
        "serves IPv6 clients, and IPv4 clients too where it stands for every address",
        arguments: [("::", true, true), ("::1", false, true), ("0.0.0.0", true, false), ("127.0.0.1", true, false)])
    func families(address: String, servesIPv4: Bool, servesIPv6: Bool) async throws {
        let fixture = try VersionsFixture()
        var options = fixture.options
        options.listening.address = address
        options.listening.restPort = 0
        options.healthPort = 0
        try await fixture.server.serving(options) { ports, _ in
            #expect(await Self.interfaces(ports, host: "127.0.0.1") == (servesIPv4 ? ["gRPC", "REST", "health"] : []))
            #expect(await Self.interfaces(ports, host: "::1") == (servesIPv6 ? ["gRPC", "REST", "health"] : []))
        }
    }

    /// What answers at an address.
    private static func interfaces(_ ports: ServerFixture.Ports, host: String) async -> [String] {
        var interfaces: [String] = []
        let configuration = ModelClientConfiguration(host: host, port: ports.grpc, security: nil)
        let answer = try? await ModelClient.withConnection(configuration) { try await $0.predict(model: "half", inputs: VersionsFixture.x) }
        if answer?.version == 123 { interfaces.append("gRPC") }
        if await Self.isAnswered("/v1/models/half", host, ports.rest) { interfaces.append("REST") }
        if await Self.isAnswered("/healthz", host, ports.health) { interfaces.append("health") }
        return interfaces
    }

    private static func isAnswered(_ path: String, _ host: String, _ port: Int) async -> Bool {
        guard let connection = try? await RawConnection(host: host, port: port) else { return false }
        try? await connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return await connection.readToEnd().hasPrefix("HTTP/1.1 200 OK")
    }
}
