// SPDX-License-Identifier: Apache-2.0

/// What an RA-TLS certificate is made like: Gramine's generations differ in key, names and extensions.
///
/// Verifiers differ too: up to Gramine 1.3 they take RSA-3072 alone, from 1.4 on P-256 and P-384.
public struct RATLSCertificateStyle: Hashable, Sendable {
    /// Which extensions hold evidence.
    public enum Evidence: String, Hashable, Sendable, CaseIterable {
        /// The raw quote in Gramine's own extension: for every verifier.
        case legacy
        /// TCG DICE tagged evidence alone: for verifiers from Gramine 1.8 on.
        case tagged
        /// Both, with a quote of its own each.
        case both
    }

    /// Under which identifier the legacy extension stands.
    public enum LegacyIdentifier: String, Hashable, Sendable, CaseIterable {
        /// The one that Gramine writes by mistake (0.6.9.42.840.113741.1337.6).
        case malformed
        /// The one that was meant (1.2.840.113741.1337.6); Gramine's verifiers find it too.
        case right
    }

    /// The kind of key to make.
    public var keyKind: RATLSCertificate.KeyKind
    /// Which extensions hold evidence.
    public var evidence: Evidence
    /// Under which identifier the legacy extension stands.
    public var legacyIdentifier: LegacyIdentifier
    /// The organization in the certificate's names.
    public var organization: String

    /// Describes a style.
    public init(
        keyKind: RATLSCertificate.KeyKind = .p384, evidence: Evidence = .both, legacyIdentifier: LegacyIdentifier = .malformed,
        organization: String = "GramineDevelopers"
    ) {
        self.keyKind = keyKind
        self.evidence = evidence
        self.legacyIdentifier = legacyIdentifier
        self.organization = organization
    }

    /// Graphene, before it was renamed.
    public static let graphene = Self(keyKind: .rsa3072, evidence: .legacy, organization: "GrapheneDevelopers")
    /// Gramine 1.0 to 1.3, as in the CC Zoo's TensorFlow Serving cluster.
    public static let gramine13 = Self(keyKind: .rsa3072, evidence: .legacy)
    /// Gramine 1.4 to 1.7.
    public static let gramine14 = Self(evidence: .legacy)
    /// Gramine from 1.8 on.
    public static let gramine18 = Self()
}
