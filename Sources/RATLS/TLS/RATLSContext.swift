// SPDX-License-Identifier: Apache-2.0

public import Attestation
import Crypto
public import NIOCore
public import NIOSSL

/// TLS contexts for connections on which one side attests itself with its certificate.
public enum RATLSContext {
    /// What a client may sign its handshake with.
    ///
    /// Gramine up to 1.7 offers no RSA-PSS, so the PKCS#1 forms are taken in TLS 1.2;
    /// TLS 1.3 itself rules them out (RFC 8446 section 4.2.3).
    static let clientSignatureAlgorithms: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha256, .rsaPssRsaeSha384, .rsaPssRsaeSha512,
        .rsaPkcs1Sha256, .rsaPkcs1Sha384, .rsaPkcs1Sha512,
    ]
    /// The TLS 1.2 suites: ephemeral keys and authenticated encryption only.
    static let cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"

    /// A server that wants a certificate with evidence from every client.
    ///
    /// TLS 1.2 and 1.3. The client's certificate is self-signed, so trust is not decided here but by the callback of
    /// ``serverHandlers(context:eventLoop:verify:)``; that the client has its key is proven by TLS all the same.
    public static func server(identity: TLSIdentity) throws(RATLSError) -> NIOSSLContext {
        var configuration = try identity.makeServerConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = Self.cipherSuites
        configuration.verifySignatureAlgorithms = Self.clientSignatureAlgorithms
        // For a server this demands a client certificate; there is no host name to check in one.
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.sendCANameList = false
        return try Self.context(configuration, "the server's certificate and private key")
    }

    /// A server for clients without certificates, which attest themselves by other means: TLS 1.2 and 1.3.
    public static func plainServer(identity: TLSIdentity) throws(RATLSError) -> NIOSSLContext {
        var configuration = try identity.makeServerConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = Self.cipherSuites
        return try Self.context(configuration, "the server's certificate and private key")
    }

    /// A client that shows evidence and verifies the server against these CAs, host name included.
    ///
    /// `certificateAuthorities`: DER certificates.
    public static func client(identity: RATLSIdentity, certificateAuthorities: [[UInt8]]) throws(RATLSError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = Self.cipherSuites
        configuration.certificateVerification = .fullVerification
        do {
            configuration.trustRoots = .certificates(try certificateAuthorities.map { try NIOSSLCertificate(bytes: $0, format: .der) })
            configuration.certificateChain = [.certificate(try NIOSSLCertificate(bytes: identity.certificateDER, format: .der))]
            let key = try NIOSSLPrivateKey(bytes: identity.privateKey.derRepresentation, format: .der)
            configuration.privateKey = .privateKey(key)
        } catch {
            throw RATLSError(.badKeyPair, "a certificate cannot be read by TLS: \(error)", remedy: "check the CA file")
        }
        return try Self.context(configuration, "the client's certificate and private key")
    }

    /// The handlers of one accepted connection that make TLS of it, in their order; to be added on its event loop.
    ///
    /// Nothing is read from the client while it is judged.
    ///
    /// `verify`: decides on the client's own certificate, DER; called at most once, off the event loop. A client
    ///   without a certificate is refused by TLS before. Anything but `true` ends the handshake with an alert.
    public static func serverHandlers(
        context: NIOSSLContext, eventLoop: any EventLoop, verify: @escaping @Sendable (_ certificateDER: [UInt8]) async -> Bool
    ) -> [any ChannelHandler] {
        let pause = ReadPause()
        let reading = NIOLoopBound(pause, eventLoop: eventLoop)
        let tls = NIOSSLServerHandler(context: context) { certificates, promise in
            reading.value.begin()
            promise.futureResult.whenComplete { _ in reading.value.end() }
            // The promise is completed exactly once and the handler waits for it: the task ends with the connection's handshake.
            promise.completeWithTask {
                guard let leaf = certificates.first else { return .failed }
                return await verify(try leaf.toDERBytes()) ? .certificateVerified : .failed
            }
        }
        return [pause, tls]
    }

    private static func context(_ configuration: TLSConfiguration, _ subject: String) throws(RATLSError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw RATLSError(
                .badKeyPair, "\(subject) do not work together: \(error)", remedy: "give the private key that the certificate was issued for")
        }
    }
}
