// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One condition of appraisal.
///
/// Rules do not depend on one another, so that a report names everything that is in the way.
protocol AppraisalRule: Sendable {
    /// The rule's name in reports.
    static var id: Check.ID { get }

    /// Judges verified evidence.
    static func judge(_ evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict
}

/// One condition of appraisal that is about enclaves.
protocol EnclaveRule: Sendable {
    /// The rule's name in reports.
    static var id: Check.ID { get }

    /// Judges the report of verified evidence.
    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict
}

/// One condition of appraisal that is about trust domains.
protocol TrustDomainRule: Sendable {
    /// The rule's name in reports.
    var id: Check.ID { get }

    /// Judges the report of verified evidence.
    func judge(_ report: TDReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict
}

/// What a rule says.
struct RuleVerdict: Hashable, Sendable {
    enum Judgement: Hashable, Sendable {
        case holds
        /// It does not hold, and a waiver in force lets that pass.
        case waived(Waiver)
        case fails(remedy: String)
    }

    let judgement: Judgement
    let expected: String
    let found: String
    let source: String

    init(_ judgement: Judgement, expected: String, found: String, source: String) {
        self.judgement = judgement
        self.expected = expected
        self.found = found
        self.source = source
    }

    /// Holds if `condition` does; else the waiver lets it pass, or it fails.
    init(_ condition: Bool, expected: String, found: String, source: String, remedy: String, waiver: Waiver? = nil) {
        let judgement: Judgement = if condition { .holds } else if let waiver { .waived(waiver) } else { .fails(remedy: remedy) }
        self.init(judgement, expected: expected, found: found, source: source)
    }

    func check(_ id: Check.ID) -> Check {
        switch self.judgement {
        case .holds:
            Check(id: id, outcome: .passed, expected: self.expected, found: self.found, source: self.source)
        case .waived(let waiver):
            Check(
                id: id, outcome: .passed, expected: self.expected, found: "\(self.found); WAIVED by \(waiver.kind): \(waiver.reason)",
                source: self.source)
        case .fails(let remedy):
            Check(id: id, outcome: .failed, expected: self.expected, found: self.found, source: self.source, remedy: remedy)
        }
    }
}
