// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import ByteCoding

/// Asks a key broker for the secret of the enclave that this process runs in, by whichever of its doors.
public struct BrokerClient: Sendable {
    /// How a broker is asked.
    public enum Door: String, Hashable, Sendable, CaseIterable {
        /// Over HTTPS; a server that turns out to speak Gramine's protocol alone is asked in that.
        ///
        /// Whether evidence without a challenge is good enough is for the broker's policy to say, so nothing is lost by asking.
        case automatic = "auto"
        /// Over HTTPS, with evidence that answers a challenge.
        case challenge
        /// In Gramine's secret provisioning protocol.
        case raTLS = "ra-tls"
    }

    private let door: Door
    private let challenge: ChallengeClient
    private let raTLS: SecretProvisioningClient

    /// Prepares for asking; nothing is sent yet.
    ///
    /// * `servers`: tried in order until one can be reached.
    /// * `caCertificatePEM`: the CAs that the broker's certificate may come from.
    /// * `source`: what quotes this enclave.
    ///
    /// - Throws: an error when `caCertificatePEM` holds no certificate.
    public init(servers: [ServerAddress], caCertificatePEM: [UInt8], source: any QuoteSource, door: Door = .automatic) throws {
        self.door = door
        self.challenge = try ChallengeClient(servers: servers, caCertificatePEM: caCertificatePEM, source: source)
        self.raTLS = try SecretProvisioningClient(servers: servers, caCertificatePEM: caCertificatePEM, source: source)
    }

    /// Attests and takes the secret that the broker's policy releases first.
    ///
    /// - Throws: ``SecretProvisioningError``; what the quote source throws.
    public func requestSecret() async throws -> SecretBytes {
        switch self.door {
        case .raTLS: return try await self.raTLS.requestSecret()
        case .challenge: return try await self.requestByChallenge()
        case .automatic:
            do {
                return try await self.requestByChallenge()
            } catch let error as SecretProvisioningError where error.code == .otherDoor {
                return try await self.raTLS.requestSecret()
            }
        }
    }

    private func requestByChallenge() async throws -> SecretBytes {
        guard let secret = try await self.challenge.requestSecrets().first else {
            throw SecretProvisioningError(.badResponse, "the key broker sent no secret")
        }
        return secret.bytes.withBytes { SecretBytes(copying: $0) }
    }
}
