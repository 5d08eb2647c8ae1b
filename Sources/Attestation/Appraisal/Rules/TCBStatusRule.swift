// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The platform's TCB status is one the policy accepts.
enum TCBStatusRule: AppraisalRule {
    static let id = Check.ID.appraisalTCBStatus

    /// Statuses that only a waiver lets pass, whatever the list of accepted ones says.
    private static let needingWaiver: Set<TCBStatus> = [.outOfDate, .outOfDateConfigurationNeeded]

    static func judge(_ evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let status = evidence.tcbStatus
        let accepted = policy.tcb.acceptedStatuses.subtracting(Self.needingWaiver).subtracting([.revoked])
        return RuleVerdict(
            accepted.contains(status), expected: accepted.map(\.rawValue).sorted().joined(separator: " or "), found: status.rawValue,
            source: "TCB info and QE identity", remedy: Self.remedy(for: status, policy),
            waiver: Self.canBeWaived(status, policy) ? policy.waiver(.outOfDateTCB, at: time) : nil)
    }

    /// Being behind is what the waiver is about; a configuration that is wrong as well has to be accepted by the list (as in Gramine, which asks for both).
    private static func canBeWaived(_ status: TCBStatus, _ policy: AppraisalPolicy) -> Bool {
        switch status {
        case .outOfDate: true
        case .outOfDateConfigurationNeeded: !policy.tcb.acceptedStatuses.isDisjoint(with: [.configurationNeeded, .outOfDateConfigurationNeeded])
        default: false
        }
    }

    private static func remedy(for status: TCBStatus, _ policy: AppraisalPolicy) -> String {
        switch status {
        case .outOfDate, .outOfDateConfigurationNeeded:
            let ended =
                policy.waivers.contains { $0.kind == .outOfDateTCB }
                ? "; the waiver for it has ended" : "; until then a waiver `out-of-date-tcb` lets it pass"
            return "update the BIOS and the SGX platform software of the host\(ended)"
        case .configurationNeeded: return "change the BIOS settings that the advisories name, or accept ConfigurationNeeded in the policy"
        case .swHardeningNeeded:
            return "check that the enclave is built with the mitigations that the advisories name, then accept SWHardeningNeeded in the policy"
        case .configurationAndSWHardeningNeeded:
            return
                "change the BIOS settings and check the enclave's mitigations as the advisories say, then accept ConfigurationAndSWHardeningNeeded in the policy"
        case .tdRelaunchAdvised, .tdRelaunchAdvisedConfigurationNeeded:
            return "start the trust domain again, so that it runs under the current TDX module"
        case .revoked: return "the platform's keys are revoked and nothing makes it trusted again; use another machine"
        case .upToDate: return "accept UpToDate in the policy"
        }
    }
}

extension Check.ID {
    /// The platform's TCB status is one the policy accepts.
    public static let appraisalTCBStatus = Check.ID("appraisal.tcb-status")
}
