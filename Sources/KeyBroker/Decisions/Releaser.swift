// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import RATLS
import SecretProvisioning

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Decides which secrets an enclave gets: verification, then the policy's rules in their order.
public struct Releaser: Sendable {
    /// A decision in the making: what is known before the client has asked.
    public enum Outcome: Sendable {
        /// An enclave that gets these secrets if it asks for them.
        case granted([Grant], VerificationReport)
        /// One that gets nothing.
        case refused(VerificationReport, nearest: ReleaseRule?, VerifiedQuote?)
    }

    /// One secret that an enclave gets, and why.
    public struct Grant: Sendable {
        /// The secret: its current version, then those in their overlap window.
        public let secrets: [StoredSecret]
        /// The rule that releases it.
        public let rule: ReleaseRule
        /// What the rule accepted.
        public let result: AttestationResult
        /// The rule's checks.
        let report: VerificationReport
    }

    /// An outcome with what it was made on.
    struct Judgement: Sendable {
        let outcome: Outcome
        /// Names of the secrets that are asked for; empty for whichever comes first.
        let asked: [String]
        /// The model that the secrets are asked for.
        let model: ModelDigest?
        let evidence: RecordedEvidence?
        let policy: Policy
    }

    private let rules: ActivePolicy
    private let verifier: PeerVerifier
    private let simulatedEvidence: AppraisalPolicy.SimulatedEvidence
    private let encoder = CollateralEncoder()

    /// Makes a releaser.
    ///
    /// * `policy`: what is in force; it may be replaced while the broker runs.
    /// * `simulatedEvidence`: whether evidence of a software TEE counts for secrets that are not marked `production`.
    public init(policy: ActivePolicy, verifier: PeerVerifier, simulatedEvidence: AppraisalPolicy.SimulatedEvidence = .refused) {
        self.rules = policy
        self.verifier = verifier
        self.simulatedEvidence = simulatedEvidence
    }

    /// Judges the certificate that a client showed on a door without challenge.
    func judge(certificateDER: [UInt8], at time: Date) async throws(CancellationError) -> Judgement {
        let examination = try await self.verifier.examine(certificateDER: certificateDER, at: time)
        return await self.judge(examination, .raTLS, at: time)
    }

    /// Judges a quote that answers a challenge.
    ///
    /// * `request`: the secrets that are asked for, or none for whichever comes first, and the model.
    /// * `binding`: checks that the quote was made for the occasion.
    func judge(
        quote: [UInt8], for request: ReleaseBinding, at time: Date, binding: (Quote) -> VerificationReport
    ) async throws(CancellationError) -> Judgement {
        let examination = try await self.verifier.examine(encodedQuote: quote, at: time, binding: binding)
        return await self.judge(examination, .challenge(model: request.model), names: request.secrets, at: time)
    }

    /// A judgement of nothing: where a request is refused before its evidence is looked at.
    func unjudged(_ request: ReleaseBinding) -> Judgement {
        Judgement(
            outcome: .refused(VerificationReport(checks: []), nearest: nil, nil), asked: request.secrets, model: request.model, evidence: nil,
            policy: self.rules.policy)
    }

    private func judge(
        _ examination: PeerVerifier.Examination, _ approach: RuleTrial.Approach, names: [String] = [], at time: Date
    ) async -> Judgement {
        // One state for the whole decision, whatever is loaded meanwhile.
        let active = self.rules.current
        switch examination.outcome {
        case .refused(let report):
            return Judgement(
                outcome: .refused(report, nearest: nil, nil), asked: names, model: approach.model, evidence: nil, policy: active.policy)
        case .verified(let quote, let report):
            let evidence = examination.collateral.map { RecordedEvidence(quote: quote.quote.encodedBytes, collateral: self.encoder.encode($0)) }
            let outcome = await self.appraise(quote, active, approach, names: names, verification: report, at: time)
            return Judgement(outcome: outcome, asked: names, model: approach.model, evidence: evidence, policy: active.policy)
        }
    }

    /// All of the secrets that are asked for, or none.
    private func appraise(
        _ quote: VerifiedQuote, _ active: ActivePolicy.State, _ approach: RuleTrial.Approach, names: [String],
        verification: VerificationReport, at time: Date
    ) async -> Outcome {
        var grants: [Grant] = []
        for name in names.isEmpty ? [nil] : names.map(Optional.some) {
            switch await self.firstMatch(for: name, quote, active, approach, at: time) {
            case .grant(let grant): grants.append(grant)
            case .none(let nearest, let report): return .refused(verification.appending(report), nearest: nearest, quote)
            }
        }
        return .granted(grants, verification)
    }

    private enum Match {
        case grant(Grant)
        case none(nearest: ReleaseRule?, VerificationReport)
    }

    /// Tries the rules for a secret in their order, or all of them; the first that matches decides.
    private func firstMatch(
        for name: String?, _ quote: VerifiedQuote, _ active: ActivePolicy.State, _ approach: RuleTrial.Approach, at time: Date
    ) async -> Match {
        var nearest: (rule: ReleaseRule, report: VerificationReport, failures: Int)?
        for rule in active.policy.rules where name == nil || rule.secret == name {
            let trial = RuleTrial(rule, policy: active.policy, approach, simulatedEvidence: self.simulatedEvidence)
            let appraised = trial.appraise(quote, at: time)
            var report = appraised.report
            if let result = appraised.result {
                let opened = await Self.open(rule, result, active, at: time)
                report = report.appending(opened.report)
                if !opened.secrets.isEmpty {
                    return .grant(Grant(secrets: opened.secrets, rule: rule, result: result, report: report))
                }
            }
            let failures = report.checks.count { $0.outcome == .failed }
            if nearest.map({ failures < $0.failures }) ?? true { nearest = (rule, report, failures) }
        }
        return .none(nearest: nearest?.rule, nearest?.report ?? RuleTrial.noRules(for: name))
    }

    private static func open(
        _ rule: ReleaseRule, _ result: AttestationResult, _ active: ActivePolicy.State, at time: Date
    ) async -> (secrets: [StoredSecret], report: VerificationReport) {
        var recorder = ReportRecorder(plan: [.secretAvailable])
        guard let description = active.policy.secret(named: rule.secret) else { return ([], recorder.report()) }
        do {
            let secrets = try await active.secrets.release(description, to: result, at: time)
            if let current = secrets.first {
                let version = current.version.map { ", version \($0)" } ?? ""
                recorder.pass(.secretAvailable, found: "`\(description.name)`\(version)", source: "secret store")
                return (secrets, recorder.report())
            }
            recorder.fail(
                .secretAvailable, expected: "a secret that this evidence may open", found: "`\(description.name)` stays closed",
                source: "secret store",
                remedy: description.source == .store
                    ? "put it into the store (sealwright broker secrets put), or look whether it was revoked"
                    : "a secret marked `production` needs evidence of real hardware")
        } catch {
            let known = error as? KeyBrokerError
            recorder.fail(
                .secretAvailable, expected: "a store that can be read", found: known?.message ?? "\(error)", source: "secret store",
                remedy: known?.remedy ?? "see `sealwright broker store check`")
        }
        return ([], recorder.report())
    }
}

extension Releaser.Judgement {
    /// The verified enclave that it is about, if there is one.
    var verified: VerifiedQuote? {
        switch self.outcome {
        case .granted(let grants, _): grants.first?.result.evidence
        case .refused(_, _, let verified): verified
        }
    }
}
