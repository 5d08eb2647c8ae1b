// SPDX-License-Identifier: Apache-2.0

/// What verification of a quote found.
public enum VerificationOutcome: Hashable, Sendable {
    /// Everything holds.
    case verified(VerifiedQuote, VerificationReport)
    /// A check failed; the report says which and what to do.
    case refused(VerificationReport)

    /// The report of either case.
    public var report: VerificationReport {
        switch self {
        case .verified(_, let report), .refused(let report): report
        }
    }

    /// The verified quote; `nil` if refused.
    public var verifiedQuote: VerifiedQuote? {
        if case .verified(let quote, _) = self { quote } else { nil }
    }
}
