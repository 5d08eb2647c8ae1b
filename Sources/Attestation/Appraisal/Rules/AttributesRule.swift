// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The enclave's other attributes: initialised, 64-bit, without access to keys that are for Intel's enclaves (as in Gramine's RA-TLS verifier).
enum AttributesRule: EnclaveRule {
    static let id = Check.ID.appraisalAttributes

    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        let attributes = report.attributes
        var faults: [String] = []
        if !attributes.isInitialized { faults.append("INIT clear") }
        if !attributes.is64Bit { faults.append("MODE64BIT clear") }
        if attributes.hasProvisioningKey { faults.append("PROVISION_KEY set") }
        if attributes.hasLaunchKey { faults.append("EINITTOKEN_KEY set") }
        return RuleVerdict(
            faults.isEmpty, expected: "INIT and MODE64BIT set, PROVISION_KEY and EINITTOKEN_KEY clear",
            found: faults.isEmpty ? "flags 0x\(String(attributes.flags, radix: 16))" : faults.joined(separator: ", "),
            source: "quote, ATTRIBUTES", remedy: "build the enclave as an ordinary 64-bit application enclave; Gramine's tools do so")
    }
}

extension Check.ID {
    /// The enclave's attributes are those of an application enclave.
    public static let appraisalAttributes = Check.ID("appraisal.attributes")
}
