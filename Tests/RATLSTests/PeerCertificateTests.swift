// SPDX-License-Identifier: Apache-2.0

import Attestation
import NIOCore
import NIOPosix
import NIOSSL
import RATLS
import SimulatedTEE
import Testing

@Suite("The certificate that a TLS server shows")
struct PeerCertificateTests {
    /// Runs a TLS server with an RA-TLS certificate.
    private static func withServer(
        _ identity: RATLSIdentity, version: TLSVersion, _ body: (_ port: Int) async throws -> Void
    ) async throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: identity.certificateDER, format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.privateKey.derRepresentation, format: .der)))
        configuration.minimumTLSVersion = version
        configuration.maximumTLSVersion = version
        let context = try NIOSSLContext(configuration: configuration)
        try await Self.withListener { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
        } body: {
            try await body($0)
        }
    }

    private static func withListener(
        _ start: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>, body: (_ port: Int) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer(start).bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(server.localAddress?.port ?? 0)
            try await server.close()
        } catch {
            try await server.close()
            throw error
        }
    }

    @Test(
        "is got whatever its key and the version of TLS, and its quote verifies",
        arguments: [RATLSCertificate.KeyKind.p256, .p384, .rsa3072], [TLSVersion.tlsv12, .tlsv13])
    func certificate(keyKind: RATLSCertificate.KeyKind, version: TLSVersion) async throws {
        let identity = try await RATLSCertificate.make(
            source: SimulatedQuoteSource(platform: Samples.platform), style: RATLSCertificateStyle(keyKind: keyKind))
        try await Self.withServer(identity, version: version) { port in
            let der = try await PeerCertificate.fetch(host: "127.0.0.1", port: port)
            #expect(der == identity.certificateDER)
            let outcome = QuoteVerifier(roots: [Samples.platform.rootOfTrust])
                .verify(certificateDER: der, collateral: try Samples.platform.collateral(at: Samples.time), at: Samples.time)
            #expect(outcome.report.firstFailure == nil)
            #expect(outcome.report.checks.map(\.id).starts(with: EvidenceChecks.plan))
        }
    }

    @Test("is not there on a server without TLS, that closes, that is silent, or that is none")
    func none() async throws {
        let behaviours: [@Sendable (any Channel) -> EventLoopFuture<Void>] = [
            { $0.writeAndFlush(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n")) }, { $0.close() },
            { $0.eventLoop.makeSucceededVoidFuture() },
        ]
        var port = 0
        for behaviour in behaviours {
            try await Self.withListener(behaviour) { listening in
                port = listening
                let error = await #expect(throws: RATLSError.self) {
                    try await PeerCertificate.fetch(host: "127.0.0.1", port: listening, timeout: .milliseconds(300))
                }
                #expect(error?.code == .peerUnavailable)
                #expect(error?.message.contains("127.0.0.1:\(listening)") == true)
            }
        }
        let error = await #expect(throws: RATLSError.self) { try await PeerCertificate.fetch(host: "127.0.0.1", port: port) }
        #expect(error?.code == .peerUnavailable)
    }
}
