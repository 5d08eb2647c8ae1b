// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The rules that hold one field of a TD report against the policy's list for it.
enum TDFieldRules {
    static let all: [any TrustDomainRule] = [
        TDFieldRule(id: .appraisalMRTD, field: "mr_td", \.mrTD, \.mrTD),
        TDFieldRule(id: .appraisalRTMR0, field: "rtmr0", \.rtmr0) { $0.rtmrs[0] },
        TDFieldRule(id: .appraisalRTMR1, field: "rtmr1", \.rtmr1) { $0.rtmrs[1] },
        TDFieldRule(id: .appraisalRTMR2, field: "rtmr2", \.rtmr2) { $0.rtmrs[2] },
        TDFieldRule(id: .appraisalRTMR3, field: "rtmr3", \.rtmr3) { $0.rtmrs[3] },
        TDFieldRule(id: .appraisalMRConfigID, field: "mr_config_id", \.mrConfigID, \.mrConfigID),
        TDFieldRule(id: .appraisalMROwner, field: "mr_owner", \.mrOwner, \.mrOwner),
        TDFieldRule(id: .appraisalMROwnerConfig, field: "mr_owner_config", \.mrOwnerConfig, \.mrOwnerConfig),
        TDFieldRule(id: .appraisalMRSeam, field: "mr_seam", \.mrSeam, \.mrSeam),
        TDFieldRule(id: .appraisalMRSignerSeam, field: "mr_signer_seam", \.mrSignerSeam, \.mrSignerSeam),
        TDFieldRule(id: .appraisalXFAM, field: "xfam", \.xfam, \.xfam),
    ]
}

/// One field of a TD report is among the values that the policy names for it.
struct TDFieldRule<Value: FixedSizeBytes>: TrustDomainRule {
    let id: Check.ID
    /// The field's name in policy files.
    let field: String
    private let accepted: @Sendable (TDXReferenceValues) -> ReferenceValue<Value>
    private let found: @Sendable (TDReport) -> Value

    init(
        id: Check.ID, field: String, _ accepted: @escaping @Sendable (TDXReferenceValues) -> ReferenceValue<Value>,
        _ found: @escaping @Sendable (TDReport) -> Value
    ) {
        self.id = id
        self.field = field
        self.accepted = accepted
        self.found = found
    }

    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        RuleVerdict(
            field: self.field, accepted: self.accepted(policy.tdx), found: self.found(report), source: "quote, TD report",
            waiver: policy.waiver(.anyMeasurement, at: time))
    }
}

extension RuleVerdict {
    /// Holds if the policy names the value, or says nothing about the field; `appraisal.identity-given` judges what it has to name.
    init<Value: FixedSizeBytes>(field: String, accepted: ReferenceValue<Value>, found: Value, source: String, waiver: Waiver?) {
        guard case .anyOf(let values) = accepted else {
            self.init(.holds, expected: "not given in the policy", found: found.hexString, source: source)
            return
        }
        self.init(
            values.contains(found),
            expected: values.isEmpty ? "nothing: the policy's list is empty" : values.map(\.hexString).joined(separator: " or "),
            found: found.hexString, source: source,
            remedy: "if this trust domain is meant to be trusted, add its value to \(field) in the policy; else find out who started it",
            waiver: waiver)
    }
}

extension Check.ID {
    /// MRTD is one of those the policy names.
    public static let appraisalMRTD = Check.ID("appraisal.mr-td")
    /// RTMR0 is one of those the policy names.
    public static let appraisalRTMR0 = Check.ID("appraisal.rtmr0")
    /// RTMR1 is one of those the policy names.
    public static let appraisalRTMR1 = Check.ID("appraisal.rtmr1")
    /// RTMR2 is one of those the policy names.
    public static let appraisalRTMR2 = Check.ID("appraisal.rtmr2")
    /// RTMR3 is one of those the policy names.
    public static let appraisalRTMR3 = Check.ID("appraisal.rtmr3")
    /// MRCONFIGID is one of those the policy names.
    public static let appraisalMRConfigID = Check.ID("appraisal.mr-config-id")
    /// MROWNER is one of those the policy names.
    public static let appraisalMROwner = Check.ID("appraisal.mr-owner")
    /// MROWNERCONFIG is one of those the policy names.
    public static let appraisalMROwnerConfig = Check.ID("appraisal.mr-owner-config")
    /// MRSEAM is one of those the policy names.
    public static let appraisalMRSeam = Check.ID("appraisal.mr-seam")
    /// MRSIGNERSEAM is one of those the policy names.
    public static let appraisalMRSignerSeam = Check.ID("appraisal.mr-signer-seam")
    /// XFAM is one of those the policy names.
    public static let appraisalXFAM = Check.ID("appraisal.xfam")
}
