// SPDX-License-Identifier: Apache-2.0

import NIOSSL
import RATLS

extension NIOSSLContext {
    /// TLS as ssl.cfg says: with `client_verify` every client shows a certificate, which is judged elsewhere (``TLSMaterial``).
    ///
    /// PEM is read by our own reader and written anew, for BoringSSL refuses the bodies on one long line that are in use. No name is looked
    /// for in a client's certificate.
    ///
    /// * `protocols`: what is spoken, by ALPN's names (RFC 7301).
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration``.
    static func server(_ configuration: SSLConfiguration, protocols: [String]) throws(ServingError) -> NIOSSLContext {
        do {
            let chain = try PEMDocument.certificates(Array(configuration.serverCertificate.utf8), name: "server_cert")
            let key = try PEMDocument.privateKey(Array(configuration.serverKey.utf8), name: "server_key")
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try chain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.text.utf8), format: .pem)))
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = protocols
            if configuration.clientVerify {
                // For a server this demands a client certificate; by these roots alone none would do.
                tls.certificateVerification = .noHostnameVerification
                tls.trustRoots = .certificates([])
            }
            return try NIOSSLContext(configuration: tls)
        } catch let error as RATLSError {
            throw ServingError(.badSSLConfiguration, "ssl.cfg: \(error.message)", remedy: error.remedy)
        } catch {
            throw ServingError(
                .badSSLConfiguration, "ssl.cfg: key, certificate and CA cannot be used together: \(error)",
                remedy: "server_key must be the key of the first certificate in server_cert; make a new set with 'sealwright tls issue'")
        }
    }
}
