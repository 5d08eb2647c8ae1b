// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import SecretProvisioning

/// One rule of a policy: a secret, and what an enclave must be to get it.
public struct ReleaseRule: Hashable, Sendable {
    /// Whether evidence has to be made for the occasion.
    public enum Freshness: String, Hashable, Sendable, Codable, CaseIterable {
        /// Evidence has to answer a challenge. Gramine's secret provisioning protocol has none, so such a rule does not match there.
        case required
        /// TLS is enough, which proves the certificate's key but not when the quote was made.
        case tlsOnly = "tls-only"
    }

    /// Position in the file, from 0.
    public let index: Int
    /// Line of the policy file.
    public let line: Int
    /// Name of the secret that the rule releases.
    public let secret: String
    /// What an enclave has to be; `nil` where the rule is not about enclaves.
    public let sgx: SGXReferenceValues?
    /// What a trust domain has to be; `nil` where the rule is not about trust domains.
    public let tdx: TDXReferenceValues?
    /// How up to date the platform has to be.
    public let tcb: TCBRequirements
    /// The models that the secret is released for; for any where none is given.
    ///
    /// The enclave says for which model it asks, so such a rule is worth what the measured server is: `sealwright serve` opens nothing
    /// that the manifest it named does not describe.
    public let models: ReferenceValue<ModelDigest>
    /// Whether evidence has to be made for the occasion.
    public let freshness: Freshness
    /// Conditions that are given up for a time.
    public let waivers: [Waiver]

    /// How logs name the rule.
    public var name: String { "rules[\(self.index)]" }

    init(
        index: Int, line: Int, secret: String, sgx: SGXReferenceValues?, tdx: TDXReferenceValues?, tcb: TCBRequirements,
        models: ReferenceValue<ModelDigest>, freshness: Freshness, waivers: [Waiver]
    ) {
        self.index = index
        self.line = line
        self.secret = secret
        self.sgx = sgx
        self.tdx = tdx
        self.tcb = tcb
        self.models = models
        self.freshness = freshness
        self.waivers = waivers
    }

    /// The rule as appraisal applies it to a secret.
    func appraisalPolicy(for secret: SecretDescription, simulatedEvidence: AppraisalPolicy.SimulatedEvidence) -> AppraisalPolicy {
        var policy = AppraisalPolicy(
            sgx: self.sgx ?? SGXReferenceValues(), tdx: self.tdx ?? TDXReferenceValues(), tcb: self.tcb, waivers: self.waivers,
            simulatedEvidence: simulatedEvidence,
            purpose: secret.isProduction ? .production : .development)
        policy.tees = []
        if self.sgx != nil { policy.tees.insert(.sgx) }
        if self.tdx != nil { policy.tees.insert(.tdx) }
        return policy
    }
}
