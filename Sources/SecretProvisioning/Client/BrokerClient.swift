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

    /// Attests and takes the current version of a secret.
    ///
    /// * `name`: its name in the broker's policy; without one, the secret that the policy releases first.
    /// * `model`: the model that it is for. Gramine's protocol cannot tell the broker.
    ///
    /// - Throws: ``SecretProvisioningError``, with ``SecretProvisioningError/Code-swift.struct/otherDoor`` for a name at a broker that speaks
    ///   Gramine's protocol alone; what the quote source throws.
    public func requestSecret(_ name: String? = nil, for model: ModelDigest? = nil) async throws -> SecretBytes {
        try await self.requestVersions(of: name, for: model)[0].bytes.withBytes { SecretBytes(copying: $0) }
    }

    /// Attests and takes a secret in every version that is released, one at least, the current one first.
    ///
    /// More than one comes while the secret is being rotated; over Gramine's protocol never.
    ///
    /// * `name`: its name in the broker's policy; without one, the secret that the policy releases first.
    /// * `model`: the model that it is for. Gramine's protocol cannot tell the broker.
    ///
    /// - Throws: as ``requestSecret(_:for:)`` does.
    public func requestVersions(of name: String? = nil, for model: ModelDigest? = nil) async throws -> [ReleasedSecret] {
        switch self.door {
        case .raTLS: return try await self.requestByRATLS(name)
        case .challenge: return try await self.requestByChallenge(name, model)
        case .automatic:
            do {
                return try await self.requestByChallenge(name, model)
            } catch let error as SecretProvisioningError where error.code == .otherDoor {
                return try await self.requestByRATLS(name)
            }
        }
    }

    private func requestByRATLS(_ name: String?) async throws -> [ReleasedSecret] {
        // Whatever came back would be taken for the secret of that name.
        guard name == nil else {
            throw SecretProvisioningError(
                .otherDoor, "in Gramine's protocol no secret can be asked for by its name (\(name ?? ""))",
                remedy: "name the broker's HTTPS port (8443), or leave the name out")
        }
        let secret = try await self.raTLS.requestSecret()
        return [secret.withBytes { ReleasedSecret(name: "", version: 0, bytes: $0) }]
    }

    private func requestByChallenge(_ name: String?, _ model: ModelDigest?) async throws -> [ReleasedSecret] {
        let secrets = try await self.challenge.requestSecrets(name.map { [$0] } ?? [], for: model)
        guard let first = secrets.first else { throw SecretProvisioningError(.badResponse, "the key broker sent no secret") }
        guard let other = secrets.first(where: { $0.name != name ?? first.name }) else { return secrets }
        throw SecretProvisioningError(.badResponse, "the key broker was asked for \(name ?? "one secret") and sent \(other.name)")
    }
}
