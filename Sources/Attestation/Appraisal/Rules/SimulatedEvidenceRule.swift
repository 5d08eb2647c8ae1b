// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Evidence of a software TEE only where it was asked for, and never for production.
enum SimulatedEvidenceRule: AppraisalRule {
    static let id = Check.ID.appraisalSimulatedEvidence

    static func judge(_ evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let isSimulated = evidence.root.kind == .simulated
        let mayBeSimulated = policy.simulatedEvidence == .allowed && policy.purpose == .development
        return RuleVerdict(
            !isSimulated || mayBeSimulated,
            expected: mayBeSimulated ? "evidence, simulated evidence included" : "evidence of real hardware",
            found: isSimulated ? "SIMULATED evidence, which proves nothing (root: \(evidence.root.name))" : "root: \(evidence.root.name)",
            source: "root of trust",
            remedy: policy.purpose == .production
                ? "a secret marked `production` goes to real hardware only; use another secret for development"
                : "run the enclave on real hardware; to try things out, start the broker with simulated evidence allowed")
    }
}

extension Check.ID {
    /// Evidence of a software TEE is accepted only where it was asked for.
    public static let appraisalSimulatedEvidence = Check.ID("appraisal.simulated-evidence")
}
