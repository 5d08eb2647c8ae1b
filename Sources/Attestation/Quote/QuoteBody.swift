// SPDX-License-Identifier: Apache-2.0

/// What a quote is about: the part that the attested environment had reported, and that the quoting enclave signed.
public enum QuoteBody: Hashable, Sendable {
    /// An SGX enclave.
    case enclave(EnclaveReport)
    /// A trust domain.
    case trustDomain(TDReport)

    /// What the attested environment had the quote bind.
    public var reportData: ReportData {
        switch self {
        case .enclave(let report): report.reportData
        case .trustDomain(let report): report.reportData
        }
    }

    /// Whether the environment can be looked into from outside, and so protects nothing.
    public var isDebug: Bool {
        switch self {
        case .enclave(let report): report.attributes.isDebug
        case .trustDomain(let report): report.tdAttributes.isUnderDebug
        }
    }
}
