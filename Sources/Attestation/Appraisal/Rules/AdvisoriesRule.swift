// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// No advisories apply but those the policy lets pass.
enum AdvisoriesRule: AppraisalRule {
    static let id = Check.ID.appraisalAdvisories

    static func judge(_ evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let applying = evidence.advisoryIDs
        let denied = applying.filter { policy.tcb.deniedAdvisories.contains($0) }
        let unlisted =
            switch policy.tcb.advisories {
            case .byStatus: [String]()
            case .only(let allowed): applying.filter { !allowed.contains($0) }
            }
        let faults = denied + unlisted.filter { !denied.contains($0) }
        return RuleVerdict(
            faults.isEmpty, expected: Self.expectation(policy.tcb),
            found: faults.isEmpty ? (applying.isEmpty ? "no advisories" : applying.joined(separator: ", ")) : faults.joined(separator: ", "),
            source: "TCB info and QE identity",
            remedy: "update the host until the advisories no longer apply, or, having read them, allow them in the policy")
    }

    private static func expectation(_ tcb: TCBRequirements) -> String {
        let denied = tcb.deniedAdvisories.isEmpty ? "" : ", none of \(tcb.deniedAdvisories.sorted().joined(separator: ", "))"
        switch tcb.advisories {
        case .byStatus: return "any advisories, judged by the TCB status\(denied)"
        case .only(let allowed): return (allowed.isEmpty ? "no advisories" : "no advisories but \(allowed.sorted().joined(separator: ", "))") + denied
        }
    }
}

extension Check.ID {
    /// No advisories apply but those the policy lets pass.
    public static let appraisalAdvisories = Check.ID("appraisal.advisories")
}
