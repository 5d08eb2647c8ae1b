// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import KeyBroker
import RATLS
import SecretProvisioning
import SimulatedTEE
import Testing

/// The client against a broker in this process.
@Suite("A secret-provisioning client")
struct ProvisioningClientTests {
    private static let source = SimulatedQuoteSource(platform: RunningBroker.platform)

    @Test("takes a broker by address, where the certificate names it")
    func address() async throws {
        try await RunningBroker.with { broker in
            let secret = try await broker.ask(source: Self.source, host: "127.0.0.1")
            #expect(secret == RunningBroker.secret)
        }
    }

    @Test("passes over servers that are not there")
    func secondServer() async throws {
        try await RunningBroker.with { broker in
            let client = try SecretProvisioningClient(
                servers: ServerAddress.list("127.0.0.1:1,localhost:\(broker.port)"), caCertificatePEM: broker.authorityPEM, source: Self.source)
            let secret = try await client.requestSecret()
            #expect(secret.withBytes { [UInt8](copying: $0) } == RunningBroker.secret)
        }
    }

    @Test("says when no server is there")
    func unreachable() async throws {
        let pem = try Array(CertificateAuthority(named: "CA", keyType: .p256, now: Date()).identity.certificatePEM().utf8)
        let client = try SecretProvisioningClient(servers: ServerAddress.list("127.0.0.1:1"), caCertificatePEM: pem, source: Self.source)
        do {
            _ = try await client.requestSecret()
            Issue.record("nothing listens on port 1")
        } catch let error as SecretProvisioningError {
            #expect(error.code == .unreachable)
            #expect(error.exitStatus == .unavailable)
        }
    }

    @Test("does not talk to a broker whose certificate another CA issued")
    func otherAuthority() async throws {
        try await RunningBroker.with { broker in
            let other = try Array(CertificateAuthority(named: "Test CA", keyType: .p256, now: Date()).identity.certificatePEM().utf8)
            let error = await #expect(throws: SecretProvisioningError.self) { try await broker.ask(source: Self.source, ca: other) }
            #expect(error?.code == .untrusted)
            #expect(error?.exitStatus == .refused)
            let decision = try #require(await broker.log.next())
            #expect(decision.failedCheck == .tlsHandshake)
        }
    }

    @Test("refuses a secret beyond its limit")
    func limit() async throws {
        try await RunningBroker.with { broker in
            var limits = SecretProvisioningClient.Limits()
            limits.secretSize = 15
            let client = try SecretProvisioningClient(
                servers: [ServerAddress(host: "localhost", port: broker.port)], caCertificatePEM: broker.authorityPEM, source: Self.source,
                limits: limits)
            do {
                _ = try await client.requestSecret()
                Issue.record("16 bytes are more than 15")
            } catch let error as SecretProvisioningError {
                #expect(error.code == .badSecretSize)
            }
        }
    }
}
