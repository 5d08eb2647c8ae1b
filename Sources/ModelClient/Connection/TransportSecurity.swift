// SPDX-License-Identifier: Apache-2.0

import GRPCNIOTransportHTTP2
import RATLS

extension HTTP2ClientTransport.Posix.TransportSecurity {
    /// TLS that verifies the server's certificate and its name.
    ///
    /// - Throws: ``ModelClientError/Code/badCredentials``.
    init(_ security: ModelClientConfiguration.Security) throws(ModelClientError) {
        guard (security.certificate == nil) == (security.privateKey == nil) else {
            throw ModelClientError(
                .badCredentials, "a client certificate and its private key belong together, and one of them is missing",
                remedy: "give --certificate and --private-key, or neither")
        }
        do throws(RATLSError) {
            let chain = if let text = security.certificate { try PEMDocument.certificates(text, name: "the client certificate") } else { [[UInt8]]() }
            let key: PEMDocument? =
                if let text = security.privateKey { try PEMDocument.privateKey(text, name: "the client's private key") } else { nil }
            let authorities: [[UInt8]]? =
                if let text = security.certificateAuthorities { try PEMDocument.certificates(text, name: "the CA certificate") } else { nil }
            self = .tls {
                $0.certificateChain = chain.map { .bytes($0, format: .der) }
                $0.privateKey = key.map { .bytes(Array($0.text.utf8), format: .pem) }
                $0.trustRoots = authorities.map { .certificates($0.map { .bytes($0, format: .der) }) } ?? .systemDefault
                $0.serverCertificateVerification = .fullVerification
            }
        } catch {
            throw ModelClientError(.badCredentials, error.message, remedy: error.remedy)
        }
    }
}
