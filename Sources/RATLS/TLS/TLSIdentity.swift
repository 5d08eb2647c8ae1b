// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import NIOCore
import NIOSSL

/// An ordinary certificate with its chain and private key, as a TLS server shows it.
public struct TLSIdentity: Sendable, CustomStringConvertible {
    /// The certificates, the server's own first, DER.
    public let certificateChain: [[UInt8]]
    private let privateKey: NIOSSLPrivateKey

    /// Reads PEM texts; their names are for errors.
    ///
    /// - Throws: ``RATLSError`` when there is no certificate or key in them, or either is damaged. Whether they belong
    ///   together shows when a context is made.
    public init(certificatePEM: [UInt8], certificateName: String, privateKeyPEM: [UInt8], privateKeyName: String) throws(RATLSError) {
        self.certificateChain = try PEMDocument.certificates(certificatePEM, name: certificateName)
        let key = try PEMDocument.privateKey(privateKeyPEM, name: privateKeyName)
        do {
            self.privateKey = try NIOSSLPrivateKey(bytes: Array(key.text.utf8), format: .pem)
        } catch {
            throw RATLSError(.badKeyPair, "\(privateKeyName) holds no private key that TLS can use", remedy: "use an RSA or ECDSA (P-256, P-384) key")
        }
    }

    /// Reads PEM files.
    ///
    /// - Throws: also a file error when one cannot be read.
    public init(certificateFile: String, privateKeyFile: String) throws {
        try self.init(
            certificatePEM: try InputFile.readAll(certificateFile, limit: PEMDocument.sizeLimit), certificateName: certificateFile,
            privateKeyPEM: try InputFile.readAll(privateKeyFile, limit: PEMDocument.sizeLimit), privateKeyName: privateKeyFile)
    }

    /// Never shows the key.
    public var description: String { "TLSIdentity(\(self.certificateChain.count) certificates, <redacted>)" }

    /// Puts the identity into a server's configuration.
    func makeServerConfiguration() throws(RATLSError) -> TLSConfiguration {
        do {
            let chain = try self.certificateChain.map { NIOSSLCertificateSource.certificate(try NIOSSLCertificate(bytes: $0, format: .der)) }
            var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(self.privateKey))
            // A client need not answer the end of a session before it has something to say (RFC 8446 section 6.1), and a server that drains
            // would wait for it.
            configuration.shutdownTimeout = .seconds(1)
            return configuration
        } catch {
            throw RATLSError(.badKeyPair, "a certificate cannot be read by TLS: \(error)", remedy: "make the certificate again")
        }
    }
}
