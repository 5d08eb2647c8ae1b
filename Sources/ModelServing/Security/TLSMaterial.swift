// SPDX-License-Identifier: Apache-2.0

import GRPCNIOTransportHTTP2
import NIOCertificateReloading
import NIOCore
import NIOSSL
import RATLS
import Synchronization

/// The key, the certificates and the clients' authorities of new connections, which may be exchanged while the server runs.
///
/// Connections that are open keep what they began with.
final class TLSMaterial: CertificateReloader {
    private struct Current {
        let configuration: SSLConfiguration
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource
        let context: NIOSSLContext
        /// Who may come in; `nil` for anybody.
        let clients: ClientCertificateVerifier?
        /// Whether other clients may come in than at the start.
        var hasOtherClients = false
    }

    private let current: Mutex<Current>

    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when the material cannot be used.
    init(_ configuration: SSLConfiguration) throws(ServingError) { self.current = Mutex(try Self.read(configuration)) }

    /// What gRPC answers a new connection with.
    var sslContextConfigurationOverride: NIOSSLContextConfigurationOverride {
        self.current.withLock { current in
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = current.chain
            override.privateKey = current.key
            return override
        }
    }

    /// What REST answers a new connection with.
    var context: NIOSSLContext { self.current.withLock { $0.context } }

    /// Judges the certificates of a client that connects to gRPC, where clients have to show some.
    func verifyClient(_ certificates: [NIOSSLCertificate], _ promise: EventLoopPromise<NIOSSLVerificationResultWithMetadata>) {
        let clients = self.current.withLock { $0.clients }
        promise.completeWithTask {
            let shown = try certificates.map { try $0.toDERBytes() }
            // Without authorities gRPC asks for no certificate, so nobody gets here; fail closed all the same.
            guard let chain = await clients?.validate(shown) else { return .failed }
            let validated = try chain.map { try NIOSSLCertificate(bytes: $0, format: .der) }
            return .certificateVerified(VerificationMetadata(ValidatedCertificateChain(validated)))
        }
    }

    /// Whether the client of a connection may still ask.
    ///
    /// TLS takes sessions up again without looking at certificates a second time, so that a client of an authority that is no longer
    /// trusted could go on for as long as its session lives.
    func admits(_ connection: HTTP2ServerTransport.Posix.Context) async -> Bool {
        let (clients, hasOtherClients) = self.current.withLock { ($0.clients, $0.hasOtherClients) }
        // A chain is there when it was validated for this very connection.
        guard hasOtherClients, let clients, connection.peerCertificateChain == nil else { return true }
        guard let certificate = connection.peerCertificate else { return false }
        return await clients.accepts(certificate)
    }

    /// Takes new material for new connections.
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when it cannot be used, or would change whether gRPC asks clients for
    ///   certificates; the old one then stays.
    func replace(with configuration: SSLConfiguration) throws(ServingError) {
        var new = try Self.read(configuration)
        guard new.configuration.clientVerify == self.current.withLock({ $0.configuration.clientVerify }) else {
            throw ServingError(
                .badSSLConfiguration, "ssl.cfg: client_verify has changed, which needs a new start",
                remedy: "start the server anew; it finishes the requests it has")
        }
        self.current.withLock { current in
            new.hasOtherClients = current.hasOtherClients || new.configuration.customCA != current.configuration.customCA
            current = new
        }
    }

    private static func read(_ configuration: SSLConfiguration) throws(ServingError) -> Current {
        // Checks that key, certificate and authorities fit together.
        let context = try NIOSSLContext.server(configuration)
        do {
            let chain = try PEMDocument.certificates(Array(configuration.serverCertificate.utf8), name: "server_cert")
            let key = try PEMDocument.privateKey(Array(configuration.serverKey.utf8), name: "server_key")
            let authorities =
                configuration.clientVerify ? try PEMDocument.certificates(Array(configuration.customCA.utf8), name: "custom_ca") : nil
            return Current(
                configuration: configuration, chain: try chain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) },
                key: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.text.utf8), format: .pem)), context: context,
                clients: try authorities.map { try ClientCertificateVerifier(authorities: $0, name: "custom_ca") })
        } catch {
            throw ServingError(
                .badSSLConfiguration, "ssl.cfg: \(error)", remedy: "make a new set with 'sealwright tls issue'")
        }
    }
}
