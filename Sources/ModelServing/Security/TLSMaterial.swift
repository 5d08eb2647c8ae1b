// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL
import RATLS
import Synchronization

/// The TLS of new connections, which may be exchanged while the server runs.
///
/// Connections that are open keep what they began with. Sessions and their tickets belong to a context, so that none outlives an exchange:
/// whoever comes back shows a certificate to the authorities of now.
final class TLSMaterial: Sendable {
    private struct Current {
        let grpc: NIOSSLContext
        let rest: NIOSSLContext
        /// Who may come in; `nil` for anybody.
        let clients: ClientCertificateVerifier?

        init(_ configuration: SSLConfiguration) throws(ServingError) {
            self.grpc = try .server(configuration, protocols: ["h2"])
            self.rest = try .server(configuration, protocols: ["http/1.1"])
            self.clients = try configuration.makeClientVerifier()
        }

        /// The TLS of one connection.
        func handler(_ context: NIOSSLContext) -> NIOSSLServerHandler {
            guard let clients else { return NIOSSLServerHandler(context: context) }
            // In place of BoringSSL's own judgement, for which an authority has to be a root: in `custom_ca` it may be one that has issued nothing
            // but clients' certificates, as with gRPC's C library.
            return NIOSSLServerHandler(context: context) { shown, promise in
                promise.completeWithTask {
                    await clients.accepts(try shown.map { try $0.toDERBytes() }) ? .certificateVerified : .failed
                }
            }
        }
    }

    private let current: Mutex<Current>

    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when the material cannot be used.
    init(_ configuration: SSLConfiguration) throws(ServingError) { self.current = Mutex(try Current(configuration)) }

    /// What gRPC answers a new connection with.
    func makeGRPCHandler() -> NIOSSLServerHandler {
        let current = self.current.withLock { $0 }
        return current.handler(current.grpc)
    }

    /// What REST answers a new connection with.
    func makeRESTHandler() -> NIOSSLServerHandler {
        let current = self.current.withLock { $0 }
        return current.handler(current.rest)
    }

    /// Takes new material for new connections.
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when it cannot be used; the old one then stays.
    func replace(with configuration: SSLConfiguration) throws(ServingError) {
        let new = try Current(configuration)
        self.current.withLock { $0 = new }
    }
}

extension SSLConfiguration {
    /// Judges clients by `custom_ca`; `nil` where they show no certificate.
    fileprivate func makeClientVerifier() throws(ServingError) -> ClientCertificateVerifier? {
        guard self.clientVerify else { return nil }
        do {
            let authorities = try PEMDocument.certificates(Array(self.customCA.utf8), name: "custom_ca")
            return try ClientCertificateVerifier(authorities: authorities, name: "custom_ca")
        } catch {
            throw ServingError(.badSSLConfiguration, "ssl.cfg: \(error.message)", remedy: error.remedy)
        }
    }
}
