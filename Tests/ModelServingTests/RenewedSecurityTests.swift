// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelClient
import NIOSSL
import RATLS
import TestSupport
import Testing

@testable import ModelServing

@Suite(
    "A running model server whose ssl.cfg changes", .timeLimit(.minutes(2)),
    .enabled(if: VersionsFixture.isAvailable, "needs TensorFlow's library and TensorFlow Serving's models"))
struct RenewedSecurityTests {
    /// A server whose ssl.cfg is written anew while it runs.
    private struct Renewal: Sendable {
        let fixture: VersionsFixture
        let ports: ServerFixture.Ports
        let service: ServingService

        /// Runs a server, with REST beside gRPC, for as long as `body` runs.
        static func with(_ fixture: VersionsFixture, _ body: @escaping @Sendable (Renewal) async throws -> Void) async throws {
            var options = fixture.options
            options.sslConfigurationFile = fixture.server.scratch.file("ssl.cfg")
            options.listening.restPort = 0
            try await fixture.server.serving(options) { ports, service in
                try await body(Renewal(fixture: fixture, ports: ports, service: service))
            }
        }

        /// How many versions there are.
        func ask(_ security: ModelClientConfiguration.Security) async throws -> Int {
            let configuration = ModelClientConfiguration(host: "127.0.0.1", port: self.ports.grpc, security: security)
            return try await ModelClient.withConnection(configuration) { try await $0.status(model: "half").count }
        }

        func isServed(_ security: ModelClientConfiguration.Security) async -> Bool { (try? await self.ask(security)) == 1 }

        func waitUntilServed(_ security: ModelClientConfiguration.Security, is expected: Bool = true) async throws {
            while await self.isServed(security) != expected { try Task.checkCancellation() }
        }

        func reload(_ change: (inout SSLConfiguration) throws -> Void) throws {
            let scratch = self.fixture.server.scratch
            var configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("ssl.cfg"), encoding: .utf8))
            try change(&configuration)
            try scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
            self.service.reload()
        }
    }

    @Test("a renewed certificate answers new connections")
    func renewedCertificate() async throws {
        let fixture = try VersionsFixture()
        let old = try fixture.server.security(of: fixture.server.authority)
        let new = { () -> ModelClientConfiguration.Security in
            var other = old
            other.serverName = "renewed.test"
            return other
        }()
        try await Renewal.with(fixture) { server in
            #expect(try await server.ask(old) == 1)
            await #expect(throws: ModelClientError.self) { try await server.ask(new) }
            let renewed = try fixture.server.authority.issue(
                to: [try CertificateName("renewed.test")], role: .server, keyType: .p256, days: 1, now: Date())
            try server.reload {
                $0.serverKey = try renewed.privateKeyPEM()
                $0.serverCertificate = try renewed.certificatePEM()
            }
            try await server.waitUntilServed(new)
            await #expect(throws: ModelClientError.self) { try await server.ask(old) }
        }
    }

    @Test("with a new client CA its clients come in and those of the old one do not, over gRPC and REST")
    func renewedAuthority() async throws {
        let fixture = try VersionsFixture()
        let other = try CertificateAuthority(named: "other CA", keyType: .p384, now: Date())
        let old = try fixture.server.security(of: fixture.server.authority)
        // The server's certificate stays the one of the first authority.
        let new = try fixture.server.security(of: other, trusting: fixture.server.authority)
        try await Renewal.with(fixture) { server in
            func served() async throws -> [Bool] {
                let overGRPC = [await server.isServed(old), await server.isServed(new)]
                return overGRPC + [
                    try await MutualTLS.answers(port: server.ports.rest, old), try await MutualTLS.answers(port: server.ports.rest, new),
                ]
            }
            #expect(try await served() == [true, false, true, false])
            try server.reload { $0.customCA = try other.identity.certificatePEM() }
            try await server.waitUntilServed(new)
            #expect(try await served() == [false, true, false, true])
        }
    }

    @Test("whether clients need a certificate may change")
    func renewedVerification() async throws {
        let fixture = try VersionsFixture()
        let known = try fixture.server.security(of: fixture.server.authority)
        let unknown = { () -> ModelClientConfiguration.Security in
            var security = known
            (security.certificate, security.privateKey) = (nil, nil)
            return security
        }()
        try await Renewal.with(fixture) { server in
            #expect(await !server.isServed(unknown))
            try server.reload { $0.clientVerify = false }
            try await server.waitUntilServed(unknown)
            try server.reload { $0.clientVerify = true }
            try await server.waitUntilServed(unknown, is: false)
            #expect(await server.isServed(known))
        }
    }
}

/// Asks REST for a model's status over mutual TLS, without an HTTP library: those share connections and certificates between requests.
enum MutualTLS {
    static func answers(port: Int, _ security: ModelClientConfiguration.Security) async throws -> Bool {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try #require(security.certificateAuthorities)))
        tls.certificateVerification = .noHostnameVerification
        tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(try #require(security.certificate)).map { .certificate($0) }
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: try #require(security.privateKey), format: .pem))
        guard let connection = try? await RawConnection(port: port, security: try NIOSSLContext(configuration: tls)) else { return false }
        guard (try? await connection.send("GET /v1/models/half HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) != nil else { return false }
        return await connection.readToEnd().hasPrefix("HTTP/1.1 200 OK")
    }
}
