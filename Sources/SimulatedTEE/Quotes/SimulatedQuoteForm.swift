// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// What a simulated quote is about, and in which of the many forms it says so.
public struct SimulatedQuoteForm: Hashable, Sendable {
    /// What is attested.
    public enum Attester: Hashable, Sendable {
        /// An enclave.
        case enclave(SimulatedEnclave)
        /// A trust domain.
        case trustDomain(SimulatedTrustDomain)

        /// The kind of TEE.
        public var tee: TEE {
            switch self {
            case .enclave: .sgx
            case .trustDomain: .tdx
            }
        }
    }

    /// What is attested.
    public var attester: Attester
    /// Version of the quote format: 3 (enclaves only), 4 (no TD reports of version 1.5) or 5.
    public var version: UInt16
    /// How the quote says which PCK key certifies its quoting enclave.
    public var certificationData: CertificationData.Kind
    /// What the quoting enclave's report binds beside the attestation key; Intel's has the numbers 0 to 31.
    public var qeAuthenticationData: [UInt8]

    /// Describes a quote.
    ///
    /// What does not fit together (a trust domain in version 3) is made all the same, for verifiers to refuse.
    public init(
        _ attester: Attester, version: UInt16, certificationData: CertificationData.Kind = .pckChain, qeAuthenticationData: [UInt8] = [UInt8](0...31)
    ) {
        self.attester = attester
        self.version = version
        self.certificationData = certificationData
        self.qeAuthenticationData = qeAuthenticationData
    }
}
