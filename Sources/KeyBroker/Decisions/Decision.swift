// SPDX-License-Identifier: Apache-2.0

public import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a broker decided about one connection, and everything it was decided on.
///
/// Never holds a secret.
public struct Decision: Hashable, Sendable, Codable {
    /// Which way it went.
    public enum Verdict: String, Hashable, Sendable, Codable {
        /// The secret was sent.
        case released
        /// Nothing was sent.
        case refused
    }

    /// The enclave behind the evidence.
    public struct Enclave: Hashable, Sendable, Codable {
        /// Its measurement.
        public let mrEnclave: Measurement
        /// Its signer.
        public let mrSigner: Measurement
        /// Product number.
        public let isvProdID: UInt16
        /// Security version number.
        public let isvSVN: UInt16
        /// Whether its quote was verified.
        ///
        /// If not, this is what the peer claims.
        public let isVerified: Bool
    }

    /// When the connection was accepted.
    public let time: Date
    /// The peer's address.
    public let peer: String
    /// Which way it went.
    public let verdict: Verdict
    /// The secret that was released.
    public let secret: String?
    /// The rule that released it, or the one that came nearest.
    public let rule: String?
    /// Waivers without which nothing would have been released.
    public let waivers: [Waiver]
    /// The enclave, where there was one to be seen.
    public let enclave: Enclave?
    /// Kind of the root that the evidence ends at; `simulated` proves nothing.
    public let root: RootOfTrust.Kind?
    /// SHA-256 digest of the peer's certificate.
    public let certificateSHA256: CertificateFingerprint?
    /// The check that stopped it.
    public let failedCheck: Check.ID?
    /// What to do about it.
    public let remedy: String?
    /// All checks.
    public let report: VerificationReport
}
