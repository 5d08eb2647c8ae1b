// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Decision {
    /// What led to a refusal.
    struct Refusal {
        let report: VerificationReport
        let rule: ReleaseRule?
        let verified: VerifiedQuote?
    }

    /// A release.
    init(
        released grant: Releaser.Grant, _ secret: StoredSecret, door: Door, peer: String, at time: Date, judgement: Releaser.Judgement,
        report: VerificationReport, certificateSHA256: CertificateFingerprint? = nil
    ) {
        let quote = grant.result.evidence.quote
        self.init(
            time: time, door: door, peer: peer, verdict: .released, asked: judgement.asked, secret: secret.secret.name,
            secretVersion: secret.version, rule: grant.rule.name, waivers: grant.result.usedWaivers, model: judgement.model,
            enclave: Enclave(quote, isVerified: true), trustDomain: TrustDomain(quote, isVerified: true), root: grant.result.evidence.root.kind,
            certificateSHA256: certificateSHA256, evidenceSHA256: EvidenceDigest(of: quote.encodedBytes),
            policySHA256: judgement.policy.sha256, report: report, evidence: judgement.evidence)
    }

    /// A refusal of a peer that showed evidence, of whatever worth.
    init(
        refused refusal: Refusal, door: Door, peer: String, at time: Date, judgement: Releaser.Judgement, quote: [UInt8]?,
        certificateSHA256: CertificateFingerprint? = nil
    ) {
        let claimed = quote.flatMap { try? Quote(decoding: $0.span) }
        let shown = refusal.verified?.quote ?? claimed
        let isVerified = refusal.verified != nil
        self.init(
            time: time, door: door, peer: peer, verdict: .refused, asked: judgement.asked,
            // What a peer makes up is in `asked` alone.
            secret: refusal.rule?.secret ?? judgement.asked.first { judgement.policy.secret(named: $0) != nil }, rule: refusal.rule?.name,
            model: judgement.model,
            enclave: shown.flatMap { Enclave($0, isVerified: isVerified) }, trustDomain: shown.flatMap { TrustDomain($0, isVerified: isVerified) },
            root: refusal.verified?.root.kind,
            certificateSHA256: certificateSHA256,
            // Of what is kept, where something is: a verified quote ends with its signature, and a peer may send more.
            evidenceSHA256: (refusal.verified?.quote.encodedBytes ?? quote).map(EvidenceDigest.init(of:)), policySHA256: judgement.policy.sha256,
            report: refusal.report, evidence: judgement.evidence)
    }
}

extension Decision.Enclave {
    /// `nil` for a quote of a trust domain.
    init?(_ quote: Quote, isVerified: Bool) {
        guard let report = quote.enclaveReport else { return nil }
        self.init(
            mrEnclave: report.mrEnclave, mrSigner: report.mrSigner, isvProdID: report.isvProdID, isvSVN: report.isvSVN, isVerified: isVerified)
    }
}

extension Decision.TrustDomain {
    /// `nil` for a quote of an enclave.
    init?(_ quote: Quote, isVerified: Bool) {
        guard let report = quote.tdReport else { return nil }
        self.init(mrTD: report.mrTD, rtmrs: report.rtmrs, mrSeam: report.mrSeam, isVerified: isVerified)
    }
}
