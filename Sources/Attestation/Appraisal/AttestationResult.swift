// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Evidence that an owner's policy accepts.
///
/// Only ``AppraisalPolicy/appraise(_:at:)`` makes one.
public struct AttestationResult: Hashable, Sendable {
    /// What was accepted.
    public let evidence: VerifiedQuote
    /// Waivers without which the evidence would have been refused; records of the decision name them.
    public let usedWaivers: [Waiver]
    /// When it was accepted: the time given to appraisal.
    public let appraisedAt: Date
    /// What the decision was about.
    public let purpose: AppraisalPolicy.Purpose

    /// Whether the evidence is of a software TEE and proves nothing.
    public var isSimulated: Bool { self.evidence.root.kind == .simulated }

    fileprivate init(evidence: VerifiedQuote, usedWaivers: [Waiver], appraisedAt: Date, purpose: AppraisalPolicy.Purpose) {
        self.evidence = evidence
        self.usedWaivers = usedWaivers
        self.appraisedAt = appraisedAt
        self.purpose = purpose
    }
}

/// What appraisal decided.
public enum AppraisalOutcome: Hashable, Sendable {
    /// The policy accepts the evidence.
    case accepted(AttestationResult, VerificationReport)
    /// It does not; the report names each rule that is in the way.
    case refused(VerificationReport)

    /// The report of either case.
    public var report: VerificationReport {
        switch self {
        case .accepted(_, let report), .refused(let report): report
        }
    }

    /// The result; `nil` if refused.
    public var result: AttestationResult? {
        if case .accepted(let result, _) = self { result } else { nil }
    }
}

extension AppraisalPolicy {
    /// Rules about what the evidence is, before those about its enclave or trust domain.
    private static let originRules: [any AppraisalRule.Type] = [SimulatedEvidenceRule.self]
    private static let enclaveRules: [any EnclaveRule.Type] = [
        DebugRule.self, AttributesRule.self, IdentityGivenRule.self, MREnclaveRule.self, MRSignerRule.self, ISVProdIDRule.self, ISVSVNRule.self,
    ]
    private static let trustDomainRules: [any TrustDomainRule] =
        [TDDebugRule(), TDAttributesRule(), SEPTRule(), MigratableRule(), ServiceTDRule(), TDIdentityGivenRule()] + TDFieldRules.all
    /// Rules about the platform, after those.
    private static let platformRules: [any AppraisalRule.Type] = [
        CollateralValidityRule.self, TCBStatusRule.self, AdvisoriesRule.self, TCBDateRule.self, TCBEvaluationRule.self,
    ]

    /// The names of all checks that appraisal makes of evidence of that kind, in the order of reports.
    public static func plan(for tee: TEE) -> [Check.ID] {
        let own =
            switch tee {
            case .sgx: self.enclaveRules.map { $0.id }
            case .tdx: self.trustDomainRules.map(\.id)
            }
        return self.originRules.map { $0.id } + own + self.platformRules.map { $0.id }
    }

    /// Decides whether this policy accepts `evidence` at `time`.
    ///
    /// Every rule is judged, so the report of a refusal names all that is in the way. It is a pure function: what it knows of
    /// time is its argument, and the evidence has been verified at a time of its own (``VerifiedQuote/verifiedAt``). Evidence may be
    /// kept between the two as long as everything that it was verified with is valid.
    public func appraise(_ evidence: VerifiedQuote, at time: Date) -> AppraisalOutcome {
        let time = time.orNeverValid
        let verdicts = self.verdicts(on: evidence, at: time)
        let report = VerificationReport(
            checks: verdicts.map { $0.verdict.check($0.id) }, tcbStatus: evidence.tcbStatus, advisoryIDs: evidence.advisoryIDs)
        guard report.allPassed else { return .refused(report) }
        var usedWaivers: [Waiver] = []
        for case .waived(let waiver) in verdicts.map(\.verdict.judgement) where !usedWaivers.contains(waiver) { usedWaivers.append(waiver) }
        return .accepted(
            AttestationResult(evidence: evidence, usedWaivers: usedWaivers, appraisedAt: time, purpose: self.purpose), report)
    }

    private func verdicts(on evidence: VerifiedQuote, at time: Date) -> [(id: Check.ID, verdict: RuleVerdict)] {
        let own: [(id: Check.ID, verdict: RuleVerdict)] =
            switch evidence.quote.body {
            case .enclave(let report): Self.enclaveRules.map { ($0.id, $0.judge(report, of: evidence, under: self, at: time)) }
            case .trustDomain(let report): Self.trustDomainRules.map { ($0.id, $0.judge(report, of: evidence, under: self, at: time)) }
            }
        return Self.originRules.map { ($0.id, $0.judge(evidence, under: self, at: time)) } + own
            + Self.platformRules.map { ($0.id, $0.judge(evidence, under: self, at: time)) }
    }
}
