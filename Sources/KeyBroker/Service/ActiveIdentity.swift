// SPDX-License-Identifier: Apache-2.0

public import Logging
import NIOSSL
public import RATLS
import SwiftASN1
import Synchronization
import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The broker's certificate in use: replaced as a whole or not at all, for connections that begin afterwards.
public final class ActiveIdentity: Sendable {
    /// TLS contexts for both doors.
    private struct Contexts {
        /// Wants a certificate of every client.
        let attested: NIOSSLContext
        /// Wants none.
        let plain: NIOSSLContext
        /// The broker's own certificate, DER.
        let certificateDER: [UInt8]

        init(_ identity: TLSIdentity) throws(RATLSError) {
            self.attested = try RATLSContext.server(identity: identity)
            self.plain = try RATLSContext.plainServer(identity: identity)
            self.certificateDER = identity.certificateChain.first ?? []
        }
    }

    /// Where a certificate and its key are read from.
    public struct Files: Hashable, Sendable {
        /// The certificate with its chain, PEM.
        public let certificate: String
        /// The private key, PEM.
        public let privateKey: String

        /// Names the files.
        public init(certificate: String, privateKey: String) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    let files: Files?
    private let contexts: Mutex<Contexts>

    /// Uses one certificate for good.
    ///
    /// - Throws: ``RATLS/RATLSError`` when certificate and key do not belong together.
    public init(_ identity: TLSIdentity) throws {
        self.files = nil
        self.contexts = Mutex(try Contexts(identity))
    }

    /// Reads a certificate from files, and again when told to.
    ///
    /// - Throws: a file error, ``RATLS/RATLSError``, or ``KeyBrokerError/Code-swift.struct/loosePermissions`` for a key that others may read.
    public init(files: Files) throws {
        self.files = files
        self.contexts = Mutex(try Contexts(try Self.read(files)))
    }

    var attestedContext: NIOSSLContext { self.contexts.withLock { $0.attested } }
    var plainContext: NIOSSLContext { self.contexts.withLock { $0.plain } }

    /// Reads the files again.
    ///
    /// - Throws: what is wrong with them; the certificate in use stays then.
    public func reload() throws {
        guard let files = self.files else { return }
        let contexts = try Contexts(try Self.read(files))
        self.contexts.withLock { $0 = contexts }
    }

    /// Warns of a certificate that is not valid at `time`: it is served all the same, and clients refuse it.
    public func warnOfValidity(to logger: Logger, at time: Date) {
        // What TLS takes and this cannot read is left to the clients' judgement.
        guard let certificate = try? Certificate(derEncoded: self.contexts.withLock(\.certificateDER)) else { return }
        let facts = CertificateFacts(certificate)
        let fault =
            if time > facts.notAfter {
                "has expired (\(facts.notAfter.formatted(.iso8601)))"
            } else if time < facts.notBefore { "is not valid before \(facts.notBefore.formatted(.iso8601))" } else { String?.none }
        guard let fault else { return }
        logger.warning(
            "the broker's certificate \(fault): clients refuse it",
            metadata: ["remedy": "issue a new one (sealwright tls issue), or set this machine's clock"])
    }

    private static func read(_ files: Files) throws -> TLSIdentity {
        try PrivateFile.requirePrivate(files.privateKey)
        return try TLSIdentity(certificateFile: files.certificate, privateKeyFile: files.privateKey)
    }
}
