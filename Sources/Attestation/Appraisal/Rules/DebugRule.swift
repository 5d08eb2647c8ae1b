// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// No debug enclaves: their memory can be read from outside.
enum DebugRule: EnclaveRule {
    static let id = Check.ID.appraisalDebug

    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let isDebug = report.attributes.isDebug
        return RuleVerdict(
            !isDebug, expected: "DEBUG clear", found: isDebug ? "a debug enclave, whose memory can be read from outside" : "DEBUG clear",
            source: "quote, ATTRIBUTES", remedy: "build the enclave with `sgx.debug = false` in the Gramine manifest, and sign it again",
            waiver: policy.waiver(.debugEnclave, at: time))
    }
}

extension Check.ID {
    /// The enclave is no debug enclave.
    public static let appraisalDebug = Check.ID("appraisal.debug")
}
