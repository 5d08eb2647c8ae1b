// SPDX-License-Identifier: Apache-2.0

/// How to reach a model server.
public struct ModelClientConfiguration: Sendable {
    /// What a client trusts and shows.
    ///
    /// The texts are PEM.
    public struct Security: Sendable {
        /// The CAs that the server's certificate must come from; `nil` for those that the system trusts.
        public var certificateAuthorities: [UInt8]?
        /// The certificate that the client shows, followed by its intermediates; with its private key, or neither.
        public var certificate: [UInt8]?
        /// The private key of ``certificate``.
        public var privateKey: [UInt8]?
        /// The name that the server's certificate must have; `nil` for the host's.
        public var serverName: String?

        /// TLS with the system's trust and without a client certificate, until more is set.
        public init() {}
    }

    /// The host, a name or an address.
    public var host: String
    /// The port.
    public var port: Int
    /// TLS; `nil` sends everything in the clear.
    public var security: Security?
    /// How long one request may take, connecting included.
    public var timeout = Duration.seconds(60)

    /// Reaches a server on a host and port.
    public init(host: String, port: Int, security: Security?) {
        self.host = host
        self.port = port
        self.security = security
    }
}
