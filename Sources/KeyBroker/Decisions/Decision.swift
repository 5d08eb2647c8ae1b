// SPDX-License-Identifier: Apache-2.0

public import Attestation
import Crypto
public import SecretProvisioning

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

    /// The way by which a peer asked.
    public enum Door: String, Hashable, Sendable, Codable {
        /// Gramine's secret provisioning: evidence in the client's certificate.
        case raTLS = "ra-tls"
        /// The HTTPS interface: evidence that answers a challenge.
        case challenge
    }

    /// The trust domain behind the evidence.
    public struct TrustDomain: Hashable, Sendable, Codable {
        /// Its measurement.
        public let mrTD: TDMeasurement
        /// What was measured into it while it started and ran.
        public let rtmrs: [TDMeasurement]
        /// Measurement of the TDX module that runs it.
        public let mrSeam: TDMeasurement
        /// Whether its quote was verified.
        ///
        /// If not, this is what the peer claims.
        public let isVerified: Bool
    }

    /// When the connection was accepted.
    public let time: Date
    /// The way by which the peer asked.
    public let door: Door
    /// The peer's address.
    public let peer: String
    /// Which way it went.
    public let verdict: Verdict
    /// Names of the secrets that the peer asked for, as it wrote them; empty for whichever a rule releases first.
    ///
    /// `nil` in records of versions that did not keep them.
    public let asked: [String]?
    /// The secret that was released, or the one that was refused.
    ///
    /// Always a name that the policy has, whatever the peer asked for.
    public let secret: String?
    /// Version of the secret, where the store keeps versions.
    public let secretVersion: Int?
    /// The rule that released it, or the one that came nearest.
    public let rule: String?
    /// Waivers without which nothing would have been released.
    public let waivers: [Waiver]
    /// The model that the secret was asked for, where the peer named one.
    public let model: ModelDigest?
    /// The enclave, where there was one to be seen.
    public let enclave: Enclave?
    /// The trust domain, where there was one to be seen.
    public let trustDomain: TrustDomain?
    /// Kind of the root that the evidence ends at; `simulated` proves nothing.
    public let root: RootOfTrust.Kind?
    /// SHA-256 digest of the peer's certificate.
    public let certificateSHA256: CertificateFingerprint?
    /// SHA-256 digest of the quote.
    public let evidenceSHA256: EvidenceDigest?
    /// SHA-256 digest of the policy that was in force.
    public let policySHA256: EvidenceDigest?
    /// The check that stopped it.
    public let failedCheck: Check.ID?
    /// What to do about it.
    public let remedy: String?
    /// All checks.
    public let report: VerificationReport
    /// What a decision about a verified enclave was made on; kept in a store beside the record and not in it.
    public let evidence: RecordedEvidence?

    /// Whether the peer proved which enclave or trust domain it is.
    var isAboutVerifiedPeer: Bool { self.enclave?.isVerified == true || self.trustDomain?.isVerified == true }

    private enum CodingKeys: String, CodingKey {
        case time, door, peer, verdict, asked, secret, secretVersion, rule, waivers, model, enclave, trustDomain, root
        case certificateSHA256, evidenceSHA256, policySHA256
        case failedCheck, remedy, report
    }

    init(
        time: Date, door: Door, peer: String, verdict: Verdict, asked: [String]?, secret: String? = nil, secretVersion: Int? = nil,
        rule: String? = nil, waivers: [Waiver] = [], model: ModelDigest? = nil, enclave: Enclave? = nil, trustDomain: TrustDomain? = nil,
        root: RootOfTrust.Kind?, certificateSHA256: CertificateFingerprint? = nil,
        evidenceSHA256: EvidenceDigest?, policySHA256: EvidenceDigest?, report: VerificationReport, evidence: RecordedEvidence? = nil
    ) {
        self.time = time
        self.door = door
        self.peer = peer
        self.verdict = verdict
        self.asked = asked
        self.secret = secret
        self.secretVersion = secretVersion
        self.rule = rule
        self.waivers = waivers
        self.model = model
        self.enclave = enclave
        self.trustDomain = trustDomain
        self.root = root
        self.certificateSHA256 = certificateSHA256
        self.evidenceSHA256 = evidenceSHA256
        self.policySHA256 = policySHA256
        self.failedCheck = report.firstFailure?.id
        self.remedy = report.firstFailure?.remedy
        self.report = report
        self.evidence = evidence
    }

    /// Decodes a line of a decision log; evidence is not in one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            time: try container.decode(Date.self, forKey: .time), door: try container.decode(Door.self, forKey: .door),
            peer: try container.decode(String.self, forKey: .peer), verdict: try container.decode(Verdict.self, forKey: .verdict),
            asked: try container.decodeIfPresent([String].self, forKey: .asked),
            secret: try container.decodeIfPresent(String.self, forKey: .secret),
            secretVersion: try container.decodeIfPresent(Int.self, forKey: .secretVersion),
            rule: try container.decodeIfPresent(String.self, forKey: .rule), waivers: try container.decode([Waiver].self, forKey: .waivers),
            model: try container.decodeIfPresent(ModelDigest.self, forKey: .model),
            enclave: try container.decodeIfPresent(Enclave.self, forKey: .enclave),
            trustDomain: try container.decodeIfPresent(TrustDomain.self, forKey: .trustDomain),
            root: try container.decodeIfPresent(RootOfTrust.Kind.self, forKey: .root),
            certificateSHA256: try container.decodeIfPresent(CertificateFingerprint.self, forKey: .certificateSHA256),
            evidenceSHA256: try container.decodeIfPresent(EvidenceDigest.self, forKey: .evidenceSHA256),
            policySHA256: try container.decodeIfPresent(EvidenceDigest.self, forKey: .policySHA256),
            report: try container.decode(VerificationReport.self, forKey: .report))
    }
}

/// SHA-256 digest of something that a decision was made on.
public struct EvidenceDigest: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 32
    /// The bytes of the digest.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Digests bytes.
    public init(of bytes: some DataProtocol) { self.bytes = Array(SHA256.hash(data: bytes)) }
}
