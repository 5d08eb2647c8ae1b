// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import ByteCoding
import NIOCore
import NIOPosix
import NIOSSL
import RATLS

/// Asks a key broker for the secret of the enclave that this process runs in (Gramine's secret provisioning, version 1).
public struct SecretProvisioningClient: Sendable {
    /// How long and how much the client takes.
    public struct Limits: Hashable, Sendable {
        /// For connecting to one server.
        public var connecting: Duration = .seconds(5)
        /// For the TLS handshake, in which the broker verifies the evidence and may have to fetch collateral.
        public var handshake: Duration = .seconds(60)
        /// For everything after the handshake.
        ///
        /// In TLS 1.3 the broker verifies within it.
        public var exchange: Duration = .seconds(60)
        /// The largest secret that is accepted, in bytes.
        public var secretSize = 1 << 20

        /// The defaults.
        public init() {}
    }

    private let servers: [ServerAddress]
    private let certificateAuthorities: [[UInt8]]
    private let source: any QuoteSource
    private let limits: Limits

    /// Prepares for asking; nothing is sent yet.
    ///
    /// * `servers`: tried in order until one accepts a connection.
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

    /// Attests to the first server that accepts a connection and takes the secret.
    ///
    /// As Gramine's client does, a broker that answers decides: after a refusal no other server is asked.
    ///
    /// - Throws: ``SecretProvisioningError``; what the quote source throws.
    public func requestSecret() async throws -> SecretBytes {
        let identity = try await RATLSCertificate.make(source: self.source)
        let context = try RATLSContext.client(identity: identity, certificateAuthorities: self.certificateAuthorities)
        let (server, channel) = try await self.servers.firstReachable(port: "port (4433)") { server in
            do {
                return (server, try await self.connect(to: server, context: context))
            } catch {
                throw SecretProvisioningError(.unreachable, "\(server): \(error)")
            }
        }
        return try await self.exchange(on: channel, with: server)
    }

    private func connect(to server: ServerAddress, context: NIOSSLContext) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let limits = self.limits
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limits.connecting))
            .connect(host: server.host, port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try Self.tlsHandler(context: context, host: server.host)
                    let deadline = ConnectionDeadline(handshake: limits.handshake, exchange: limits.exchange)
                    try channel.pipeline.syncOperations.addHandlers([tls, deadline])
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// A name is sent as SNI and checked; an address cannot be sent, and is checked against the certificate's IP addresses.
    private static func tlsHandler(context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }

    private func exchange(on channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>, with server: ServerAddress) async throws -> SecretBytes {
        var received: SecretBytes? = nil
        do {
            try await channel.executeThenClose { inbound, outbound in
                received = try await self.exchange(inbound: inbound, outbound: outbound)
            }
        } catch {
            // Closing may fail after the secret has come: brokers of all ages end the connection as they like.
            guard received != nil else { throw ConnectionFailure.describe(error, server: server) }
        }
        guard let secret = received.take() else { throw SecretProvisioningError.refusedByBroker("\(server) sent no secret") }
        return secret
    }

    private func exchange(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>, outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> SecretBytes {
        var writeFailure: (any Error)?
        do {
            try await outbound.write(ByteBuffer(bytes: ProvisioningRequest.bytes))
        } catch {
            // Reading tells more: the broker's alert.
            writeFailure = error
        }
        var parser = ProvisioningResponseParser(sizeLimit: self.limits.secretSize)
        for try await buffer in inbound where try parser.receive(buffer.readableBytesUInt8Span) == .complete { break }
        if let writeFailure, !parser.hasBegun { throw writeFailure }
        return try parser.takeSecret()
    }
}
