// SPDX-License-Identifier: Apache-2.0

import GRPCNIOTransportHTTP2
import RATLS

extension HTTP2ServerTransport.Posix.TransportSecurity {
    /// TLS as ssl.cfg says: with `client_verify` every client shows a certificate that chains to `custom_ca`.
    ///
    /// PEM is read by our own reader and written anew, for BoringSSL refuses the bodies on one long line that are in use. No name is looked
    /// for in a client's certificate.
    ///
    /// The key and the certificates of each new connection come from `material`, and who may come in as well.
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration``.
    init(_ configuration: SSLConfiguration, _ material: TLSMaterial) throws(ServingError) {
        do {
            let chain = try PEMDocument.certificates(Array(configuration.serverCertificate.utf8), name: "server_cert")
            let key = try PEMDocument.privateKey(Array(configuration.serverKey.utf8), name: "server_key")
            self = .tls(
                certificateChain: chain.map { .bytes($0, format: .der) },
                privateKey: .bytes(Array(key.text.utf8), format: .pem)
            ) {
                $0.certificateReloader = material
                $0.clientCertificateVerification = configuration.clientVerify ? .noHostnameVerification : .noVerification
                // None of its own: `material` judges in its place.
                $0.trustRoots = .certificates([])
                $0.customVerificationCallback = { material.verifyClient($0, $1) }
            }
        } catch {
            throw ServingError(.badSSLConfiguration, "ssl.cfg: \(error.message)", remedy: error.remedy)
        }
    }
}
