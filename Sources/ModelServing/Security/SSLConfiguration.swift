// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

/// What TensorFlow Serving's `--ssl_config_file` holds: PEM texts (not paths), in protobuf's text format.
///
/// It holds a private key: the file is written with mode 0600 or sealed, and the value prints no field.
public struct SSLConfiguration: Hashable, Sendable {
    /// The server's private key, PEM.
    public var serverKey: String
    /// The server's certificate, followed by its intermediates, PEM.
    public var serverCertificate: String
    /// Certificates that clients' certificates must chain to, PEM; empty when clients show none.
    public var customCA: String
    /// Whether a client must show a certificate.
    public var clientVerify: Bool

    /// Puts together what a server needs for TLS.
    public init(serverKey: String, serverCertificate: String, customCA: String, clientVerify: Bool) {
        self.serverKey = serverKey
        self.serverCertificate = serverCertificate
        self.customCA = customCA
        self.clientVerify = clientVerify
    }

    /// Reads the text format.
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when the text is not an `SSLConfig` (unknown fields are errors, as for TensorFlow
    ///   Serving) or lacks a key or a certificate. The message holds nothing of the text.
    public init(textFormat text: String) throws(ServingError) {
        let message: Tensorflow_Serving_SSLConfig
        do {
            message = try TextFormatFile.message(text)
        } catch {
            // The reason may hold parts of the text, and with them of the key.
            throw ServingError(
                .badSSLConfiguration, "ssl.cfg is not an SSLConfig in protobuf's text format: \(error.place) is not as it should be",
                remedy: "it has four fields: server_key, server_cert, custom_ca (PEM texts in quotes, line ends written \\n) and client_verify")
        }
        try Self.require(message.serverKey, named: "server_key")
        try Self.require(message.serverCert, named: "server_cert")
        // Without a CA of its own any certificate of any public CA would do, which nobody means by verifying clients.
        if message.clientVerify { try Self.require(message.customCa, named: "custom_ca", because: ", which client_verify needs") }
        self.init(
            serverKey: message.serverKey, serverCertificate: message.serverCert, customCA: message.customCa, clientVerify: message.clientVerify)
    }

    /// The text format, one field a line.
    public var textFormat: String {
        Tensorflow_Serving_SSLConfig.with {
            $0.serverKey = self.serverKey
            $0.serverCert = self.serverCertificate
            $0.customCa = self.customCA
            $0.clientVerify = self.clientVerify
        }.textFormatString()
    }

    private static func require(_ field: String, named name: String, because: String = "") throws(ServingError) {
        guard field.isEmpty else { return }
        throw ServingError(
            .badSSLConfiguration, "ssl.cfg has no \(name)\(because)", remedy: "add \(name), or make a new set with 'sealwright tls issue'")
    }
}

extension SSLConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Shows no field.
    public var description: String { "SSLConfiguration(<redacted>)" }
    /// Shows no field.
    public var debugDescription: String { self.description }
    /// Shows no field.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
