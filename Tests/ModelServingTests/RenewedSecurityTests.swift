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
    @Test("a renewed certificate answers new connections")
    func renewedCertificate() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        var options = fixture.options
        options.sslConfigurationFile = scratch.file("ssl.cfg")
        let security = try fixture.server.security(of: fixture.server.authority)
        try await fixture.server.serving(options) { ports, service in
            func name(_ serverName: String) async throws -> Int {
                var other = security
                other.serverName = serverName
                let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: other)
                return try await ModelClient.withConnection(configuration) { try await $0.status(model: "half").count }
            }
            #expect(try await name(ServerFixture.serverName) == 1)
            await #expect(throws: ModelClientError.self) { try await name("renewed.test") }
            var configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("ssl.cfg"), encoding: .utf8))
            let renewed = try fixture.server.authority.issue(
                to: [try CertificateName("renewed.test")], role: .server, keyType: .p256, days: 1, now: Date())
            configuration.serverKey = try renewed.privateKeyPEM()
            configuration.serverCertificate = try renewed.certificatePEM()
            try scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
            service.reload()
            var isRenewed = false
            while !isRenewed {
                try Task.checkCancellation()
                isRenewed = (try? await name("renewed.test")) == 1
            }
            await #expect(throws: ModelClientError.self) { try await name(ServerFixture.serverName) }
        }
    }

    @Test("with a new client CA its clients come in and those of the old one do not, over gRPC and REST")
    func renewedAuthority() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        let other = try CertificateAuthority(named: "other CA", keyType: .p384, now: Date())
        var options = fixture.options
        options.sslConfigurationFile = scratch.file("ssl.cfg")
        options.listening.restPort = 0
        let old = try fixture.server.security(of: fixture.server.authority)
        // The server's certificate stays the one of the first authority.
        let new = try fixture.server.security(of: other, trusting: fixture.server.authority)
        try await fixture.server.serving(options) { ports, service in
            func isServed(_ security: ModelClientConfiguration.Security) async -> Bool {
                let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: security)
                return (try? await ModelClient.withConnection(configuration) { try await $0.status(model: "half").count }) == 1
            }
            func served() async throws -> [Bool] {
                let overGRPC = [await isServed(old), await isServed(new)]
                return overGRPC + [try await MutualTLS.answers(port: ports.rest, old), try await MutualTLS.answers(port: ports.rest, new)]
            }
            #expect(try await served() == [true, false, true, false])
            var configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("ssl.cfg"), encoding: .utf8))
            configuration.customCA = try other.identity.certificatePEM()
            try scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
            service.reload()
            while await !isServed(new) { try Task.checkCancellation() }
            #expect(try await served() == [false, true, false, true])
        }
    }

    @Test("whether clients need a certificate may change")
    func renewedVerification() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        var options = fixture.options
        options.sslConfigurationFile = scratch.file("ssl.cfg")
        let known = try fixture.server.security(of: fixture.server.authority)
        var unknown = known
        (unknown.certificate, unknown.privateKey) = (nil, nil)
        let security = unknown
        try await fixture.server.serving(options) { ports, service in
            func isServed(_ security: ModelClientConfiguration.Security) async -> Bool {
                let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: security)
                return (try? await ModelClient.withConnection(configuration) { try await $0.status(model: "half").count }) == 1
            }
            func reload(_ change: (inout SSLConfiguration) -> Void) throws {
                var configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("ssl.cfg"), encoding: .utf8))
                change(&configuration)
                try scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
                service.reload()
            }
            #expect(await !isServed(security))
            try reload { $0.clientVerify = false }
            while await !isServed(security) { try Task.checkCancellation() }
            try reload { $0.clientVerify = true }
            while await isServed(security) { try Task.checkCancellation() }
            #expect(await isServed(known))
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
