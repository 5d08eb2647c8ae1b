// SPDX-License-Identifier: Apache-2.0

import NIOSSL
import Synchronization

/// The TLS of new connections, which may be exchanged while the server runs.
///
/// Connections that are open keep what they began with. A session of an earlier connection cannot be taken up again after an exchange, for its
/// ticket is one of the context that is gone: whoever comes back shows a certificate to the authorities of now.
final class TLSMaterial: Sendable {
    private struct Contexts {
        let grpc: NIOSSLContext
        let rest: NIOSSLContext

        init(_ configuration: SSLConfiguration) throws(ServingError) {
            self.grpc = try .server(configuration, protocols: ["h2"])
            self.rest = try .server(configuration, protocols: ["http/1.1"])
        }
    }

    private let contexts: Mutex<Contexts>

    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when the material cannot be used.
    init(_ configuration: SSLConfiguration) throws(ServingError) { self.contexts = Mutex(try Contexts(configuration)) }

    /// What gRPC answers a new connection with.
    var grpc: NIOSSLContext { self.contexts.withLock { $0.grpc } }

    /// What REST answers a new connection with.
    var rest: NIOSSLContext { self.contexts.withLock { $0.rest } }

    /// Takes new material for new connections.
    ///
    /// - Throws: ``ServingError/Code/badSSLConfiguration`` when it cannot be used; the old one then stays.
    func replace(with configuration: SSLConfiguration) throws(ServingError) {
        let new = try Contexts(configuration)
        self.contexts.withLock { $0 = new }
    }
}
