// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
public import Attestation
import ByteCoding
import Crypto
import NIOCore
import NIOSSL
import RATLS

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Asks a key broker over HTTPS: takes a challenge, answers it with a quote made for it, and decrypts the secrets that come back.
///
/// Evidence is made for the occasion and the answer is encrypted to a key that the quote binds, so that neither a relay nor a proxy that
/// ends TLS gets anything.
public struct ChallengeClient: Sendable {
    /// How long and how much the client takes.
    public struct Limits: Hashable, Sendable {
        /// For connecting to one server.
        public var connecting: Duration = .seconds(5)
        /// For one answer, in which the broker verifies the evidence and may have to fetch collateral.
        public var answer: Duration = .seconds(60)
        /// The largest answer that is accepted, in bytes.
        public var answerSize = 4 << 20

        /// The defaults.
        public init() {}
    }

    private let servers: [ServerAddress]
    private let certificateAuthorities: [[UInt8]]
    private let source: any QuoteSource
    private let limits: Limits

    /// Prepares for asking; nothing is sent yet.
    ///
    /// * `servers`: tried in order until one can be reached.
    /// * `caCertificatePEM`: the CAs that the broker's certificate may come from.
    /// * `source`: what quotes this enclave.
    ///
    /// - Throws: an error when `caCertificatePEM` holds no certificate.
    public init(servers: [ServerAddress], caCertificatePEM: [UInt8], source: any QuoteSource, limits: Limits = Limits()) throws {
        self.servers = servers
        self.certificateAuthorities = try PEMDocument.certificates(caCertificatePEM, name: "the key broker's CA certificate")
        self.source = source
        self.limits = limits
    }

    /// Attests to the first server that can be reached and takes the secrets.
    ///
    /// * `secrets`: names from the broker's policy; without any the policy's first rule that matches decides. Of a secret that is being
    ///   rotated all valid versions come, the current one first.
    /// * `model`: the model that they are for. A policy may release a secret for certain models alone.
    ///
    /// - Throws: ``SecretProvisioningError``; what the quote source throws.
    public func requestSecrets(_ secrets: [String] = [], for model: ModelDigest? = nil) async throws -> [ReleasedSecret] {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try self.configuration())
        do {
            let released = try await self.requestSecrets(secrets, model, client: client)
            try await client.shutdown()
            return released
        } catch {
            // The reason for ending is what matters; a client that does not shut down well has nothing to add.
            try? await client.shutdown()
            throw error
        }
    }

    private func requestSecrets(_ secrets: [String], _ model: ModelDigest?, client: HTTPClient) async throws -> [ReleasedSecret] {
        let (exchange, challenge) = try await self.servers.firstReachable(port: "HTTPS port (8443)") { server in
            let exchange = Exchange(client: client, server: server, limits: self.limits)
            let challenge: ChallengeMessages.Challenge = try await exchange.post(
                nil as ChallengeMessages.ReleaseRequest?, to: ChallengeMessages.challengePath)
            return (exchange, challenge)
        }
        return try await self.answer(challenge, secrets, model, exchange)
    }

    private func answer(
        _ challenge: ChallengeMessages.Challenge, _ secrets: [String], _ model: ModelDigest?, _ exchange: Exchange
    ) async throws -> [ReleasedSecret] {
        let key = Curve25519.KeyAgreement.PrivateKey()
        let publicKey = [UInt8](key.publicKey.rawRepresentation)
        guard let binding = ReleaseBinding(nonce: [UInt8](challenge.nonce), publicKey: publicKey, secrets: secrets, model: model) else {
            throw SecretProvisioningError(
                .badResponse, "\(exchange.server) gave a challenge of \(challenge.nonce.count) bytes, \(ReleaseBinding.nonceSize) wanted",
                remedy: "compare the versions of this program and of the broker")
        }
        let quote = try await self.source.quote(for: binding.reportData)
        let request = ChallengeMessages.ReleaseRequest(
            nonce: challenge.nonce, publicKey: Data(publicKey), quote: Data(quote), secrets: secrets.isEmpty ? nil : secrets,
            model: model.map { Data($0.bytes) })
        let release: ChallengeMessages.Release = try await exchange.post(request, to: ChallengeMessages.releasePath)
        let sealed = ReleaseEncryption.Sealed(
            encapsulatedKey: [UInt8](release.encapsulatedKey), ciphertext: [UInt8](release.ciphertext))
        let released = try ReleaseEncryption.open(sealed, with: key, for: binding)
        guard !released.isEmpty else {
            throw SecretProvisioningError(.badResponse, "\(exchange.server) sent no secret", remedy: "read the broker's log")
        }
        return released
    }

    private func configuration() throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.trustRoots = .certificates(try self.certificateAuthorities.map { try NIOSSLCertificate(bytes: $0, format: .der) })
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(self.limits.connecting), read: TimeAmount(self.limits.answer)))
        configuration.httpVersion = .http1Only
        // One attempt: another connection would not fare better, and the next server may.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
