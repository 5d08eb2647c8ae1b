// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with otherwise genuine simulated evidence or collateral, so that each check can be seen to work.
public enum SimulatedFault: String, Hashable, Sendable, CaseIterable {
    // In the quote.

    /// The quote claims a version that nobody knows.
    case unsupportedVersion = "unsupported-version"
    /// The attestation key is not a point of the curve.
    case attestationKeyOffCurve = "attestation-key-off-curve"
    /// The quote is signed with another attestation key than it names.
    case wrongQuoteSignature = "wrong-quote-signature"
    /// The quoting enclave's report is not signed by the PCK key.
    case wrongQEReportSignature = "wrong-qe-report-signature"
    /// The quoting enclave's report binds another attestation key.
    case wrongQEReportData = "wrong-qe-report-data"
    /// The quoting enclave is not signed by the signer that the QE identity describes.
    case wrongQESigner = "wrong-qe-signer"
    /// The quoting enclave has another product number than the QE identity describes.
    case wrongQEProduct = "wrong-qe-product"
    /// The quoting enclave has another MISCSELECT than the QE identity describes.
    case wrongQEMiscSelect = "wrong-qe-misc-select"
    /// The quoting enclave is a debug enclave.
    case debugQE = "debug-qe"
    /// The quoting enclave is behind: its status is `OutOfDate`.
    case outdatedQE = "outdated-qe"
    /// The quoting enclave is of a version whose status is `Revoked`.
    case revokedQE = "revoked-qe"
    /// The quoting enclave is of a version that the QE identity does not know any more.
    case unsupportedQE = "unsupported-qe"

    // In the PCK chain.

    /// The PCK chain is not PEM.
    case garbledPCKChain = "garbled-pck-chain"
    /// The PCK chain ends at a root that has the right name and is not the right one.
    case strangeRoot = "strange-root"
    /// The PCK certificate's name is not that of one.
    case misnamedPCK = "misnamed-pck"
    /// The PCK certificate lacks an extension that each certificate has.
    case incompletePCK = "incomplete-pck"
    /// The PCK certificate is not signed by its issuer's key.
    case forgedPCK = "forged-pck"
    /// The PCK certificate ended to be valid.
    case expiredPCK = "expired-pck"
    /// The PCK certificate does not describe its platform.
    case pckWithoutSGXExtension = "pck-without-sgx-extension"
    /// The collateral brings another platform's PCK chain beside the quote's own.
    case otherPCKChain = "other-pck-chain"

    // In the report of a trust domain.

    /// The trust domain was started under a TDX module of a version that the TCB info does not know.
    case unknownTDXModule = "unknown-tdx-module"
    /// The TDX module is signed by somebody else than the TCB info describes.
    case wrongTDXModuleSigner = "wrong-tdx-module-signer"
    /// The TDX module has attributes.
    case wrongTDXModuleAttributes = "wrong-tdx-module-attributes"
    /// The TDX module is below every level that the TCB info knows.
    case unsupportedTDXModule = "unsupported-tdx-module"
    /// The trust domain was started under a TDX module that is behind; the one that is loaded now is not.
    case outdatedTDXModule = "outdated-tdx-module"
    /// The trust domain was started under a TDX module whose status is `Revoked`.
    case revokedTDXModule = "revoked-tdx-module"
    /// The platform is below every level with the TDX module that is loaded now.
    case unsupportedCurrentTDXLevel = "unsupported-current-tdx-level"
    /// The TDX module that is loaded now is of a version that the TCB info does not know.
    case unknownCurrentTDXModule = "unknown-current-tdx-module"
    /// The TDX module that is loaded now is below every level that the TCB info knows.
    case unsupportedCurrentTDXModule = "unsupported-current-tdx-module"
    /// The status of the TDX module that is loaded now is `Revoked`.
    case revokedCurrentTDXModule = "revoked-current-tdx-module"

    // In the revocation lists.

    /// The root revocation list is not one.
    case garbledRootCRL = "garbled-root-crl"
    /// The root revocation list is the PCK CA's.
    case rootCRLOfOtherAuthority = "root-crl-of-other-authority"
    /// The root revocation list is signed by another key.
    case wrongRootCRLSignature = "wrong-root-crl-signature"
    /// The PCK revocation list is not one.
    case garbledPCKCRL = "garbled-pck-crl"
    /// The PCK revocation list is the root's.
    case pckCRLOfOtherAuthority = "pck-crl-of-other-authority"
    /// The PCK revocation list is signed by another key.
    case wrongPCKCRLSignature = "wrong-pck-crl-signature"
    /// The certificate of the CA that issued the PCK certificate is revoked.
    case revokedPCKAuthority = "revoked-pck-authority"
    /// The platform's PCK certificate is revoked.
    case revokedPCK = "revoked-pck"
    /// Root revocation list that ended to be valid.
    case expiredRootCRL = "expired-root-crl"
    /// PCK revocation list that ended to be valid.
    case expiredPCKCRL = "expired-pck-crl"

    // In the TCB info and the certificates that sign it.

    /// The issuer chain of the TCB info is not PEM.
    case garbledTCBInfoChain = "garbled-tcb-info-chain"
    /// The name of the certificate that signs the TCB info is not that of one that may.
    case misnamedTCBInfoSigner = "misnamed-tcb-info-signer"
    /// The issuer chain of the TCB info ends at another root.
    case strangeTCBInfoRoot = "strange-tcb-info-root"
    /// The certificate that signs the TCB info lacks an extension.
    case incompleteTCBInfoSigner = "incomplete-tcb-info-signer"
    /// The certificate that signs the TCB info is not signed by the root.
    case forgedTCBInfoSigner = "forged-tcb-info-signer"
    /// The TCB signing certificate is revoked.
    case revokedTCBSigning = "revoked-tcb-signing"
    /// The certificate that signs the TCB info ended to be valid.
    case expiredTCBInfoSigner = "expired-tcb-info-signer"
    /// The TCB info is not JSON.
    case garbledTCBInfo = "garbled-tcb-info"
    /// TCB info is changed after it was signed.
    case wrongTCBInfoSignature = "wrong-tcb-info-signature"
    /// The TCB info lacks a member.
    case incompleteTCBInfo = "incomplete-tcb-info"
    /// TCB info that ended to be valid.
    case expiredTCBInfo = "expired-tcb-info"
    /// TCB info that is not valid yet.
    case futureTCBInfo = "future-tcb-info"
    /// The TCB info is about the other kind of TEE.
    case otherTEEInTCBInfo = "other-tee-in-tcb-info"
    /// TCB info is of another FMSPC.
    case wrongFMSPC = "wrong-fmspc"
    /// TCB info is of another PCE.
    case wrongPCEID = "wrong-pce-id"
    /// The platform is below every level that the TCB info knows.
    case unsupportedPlatform = "unsupported-platform"

    // In the QE identity and the certificates that sign it.

    /// The issuer chain of the QE identity is not PEM.
    case garbledQEIdentityChain = "garbled-qe-identity-chain"
    /// The name of the certificate that signs the QE identity is not that of one that may.
    case misnamedQEIdentitySigner = "misnamed-qe-identity-signer"
    /// The issuer chain of the QE identity ends at another root.
    case strangeQEIdentityRoot = "strange-qe-identity-root"
    /// The certificate that signs the QE identity lacks an extension.
    case incompleteQEIdentitySigner = "incomplete-qe-identity-signer"
    /// The certificate that signs the QE identity is not signed by the root.
    case forgedQEIdentitySigner = "forged-qe-identity-signer"
    /// The certificate that signs the QE identity is one of its own, and revoked.
    case revokedQEIdentitySigner = "revoked-qe-identity-signer"
    /// The certificate that signs the QE identity ended to be valid.
    case expiredQEIdentitySigner = "expired-qe-identity-signer"
    /// The QE identity is not JSON.
    case garbledQEIdentity = "garbled-qe-identity"
    /// QE identity is changed after it was signed.
    case wrongQEIdentitySignature = "wrong-qe-identity-signature"
    /// The QE identity lacks a member.
    case incompleteQEIdentity = "incomplete-qe-identity"
    /// QE identity that ended to be valid.
    case expiredQEIdentity = "expired-qe-identity"
    /// QE identity that is not valid yet.
    case futureQEIdentity = "future-qe-identity"
    /// The identity is that of the quote verification enclave.
    case otherQEIdentity = "other-qe-identity"
    /// The quoting enclave is a debug enclave, and the identity does not mind.
    case debugQEInIdentity = "debug-qe-in-identity"

    // Not errors, but statements of the collateral that a policy should not like.

    /// The platform is behind: its TCB status is `OutOfDate`.
    case outOfDatePlatform = "out-of-date-platform"
    /// The platform's TCB status is `SWHardeningNeeded`.
    case hardeningNeeded = "hardening-needed"
    /// The platform's TCB status is `ConfigurationNeeded`.
    case configurationNeeded = "configuration-needed"
    /// The platform's TCB status is `ConfigurationAndSWHardeningNeeded`.
    case configurationAndHardeningNeeded = "configuration-and-hardening-needed"
    /// The platform's TCB status is `OutOfDateConfigurationNeeded`.
    case outOfDateConfigurationNeeded = "out-of-date-configuration-needed"
    /// The platform's TCB level is `Revoked`.
    case revokedPlatformLevel = "revoked-platform-level"
}

extension Set<SimulatedFault> {
    /// Everything with an end of validity has passed it.
    public static let expired: Set<SimulatedFault> = [.expiredTCBInfo, .expiredQEIdentity, .expiredPCKCRL, .expiredRootCRL]
}
