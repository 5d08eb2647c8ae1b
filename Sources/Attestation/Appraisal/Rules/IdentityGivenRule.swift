// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A policy has to say which enclave it means: a measurement, or a signer together with a product.
enum IdentityGivenRule: EnclaveRule {
    static let id = Check.ID.appraisalIdentityGiven

    static func judge(_ report: EnclaveReport, of evidence: VerifiedQuote, under policy: AppraisalPolicy, at time: Date) -> RuleVerdict {
        guard policy.tees.contains(.sgx) else {
            return RuleVerdict(
                .fails(remedy: "have the trust domain ask that the policy means; if enclaves are meant to have this, say which under `sgx`"),
                expected: "evidence of a trust domain (TDX)", found: "evidence of an enclave (SGX), which the policy says nothing about",
                source: "quote")
        }
        let values = policy.sgx
        let found: String
        var isGiven = true
        switch (values.mrEnclave, values.mrSigner, values.isvProdID) {
        case (.anyOf, .notGiven, _): found = "a measurement"
        case (.anyOf, .anyOf, _): found = "a measurement and a signer"
        case (.notGiven, .anyOf, .anyOf): found = "a signer and a product"
        case (.notGiven, .anyOf, .notGiven): (found, isGiven) = ("a signer without a product, so everything that it ever signed", false)
        case (.notGiven, .notGiven, _): (found, isGiven) = ("neither a measurement nor a signer, so every enclave in the world", false)
        }
        return RuleVerdict(
            isGiven, expected: "a measurement, or a signer with a product", found: found, source: "policy",
            remedy: "name mr_enclave, or mr_signer with isv_prod_id; \(EnclaveNames.told(of: report))",
            waiver: policy.waiver(.anyMeasurement, at: time))
    }
}

/// How an enclave is told of, so that a refused one can be put into a policy by copying.
enum EnclaveNames {
    static func told(of report: EnclaveReport) -> String {
        "this enclave has mr_enclave \(report.mrEnclave), mr_signer \(report.mrSigner), isv_prod_id \(report.isvProdID), isv_svn \(report.isvSVN)"
    }
}

extension Check.ID {
    /// The policy is about this kind of evidence, and says which enclave it means.
    public static let appraisalIdentityGiven = Check.ID("appraisal.identity-given")
}
