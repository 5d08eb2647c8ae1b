// SPDX-License-Identifier: Apache-2.0

/// The checks of quote verification, in the order in which they are made (Intel DCAP verification; the order is part of the report).
///
/// | area | what it is about |
/// |---|---|
/// | `quote` | the quote itself |
/// | `pck-chain`, `pck-certificate` | the platform's certificate chain: PCK certificate, PCK CA, root CA |
/// | `root-crl`, `pck-crl` | the revocation lists of root CA and PCK CA |
/// | `tcb-info-chain`, `tcb-info` | Intel's statement about the platform's model |
/// | `qe-identity-chain`, `qe-identity` | Intel's statement about its quoting enclave |
/// | `tdx-module` | the TDX module that a trust domain runs under |
/// | `qe-report` | the quoting enclave's report inside the quote |
/// | `tcb` | what all that amounts to |
extension Check.ID {
    /// The bytes are a quote of a supported version, key type, TEE and vendor, and every length fits.
    public static let quoteFormat = Self("quote.format")
    /// The attestation key is a point of P-256.
    public static let quoteAttestationKey = Self("quote.attestation-key")

    /// The body is of a type that the verifier was told to accept: the experimental extended TD report needs that.
    public static let quoteBodyType = Self("quote.body-type")
    /// The certification data are of a type that leads to a PCK certificate.
    public static let quoteCertificationData = Self("quote.certification-data")

    /// A PCK certificate chain is in the quote or in the collateral.
    public static let pckChainPresence = Self("pck-chain.presence")
    /// The chain is PEM of exactly three X.509 certificates.
    public static let pckChainFormat = Self("pck-chain.format")
    /// Where quote and collateral both bring a PCK certificate, it is the same.
    public static let pckChainLeafMatch = Self("pck-chain.leaf-match")
    /// Each certificate's name fits its role, and its issuer is the next one's subject.
    public static let pckChainNames = Self("pck-chain.names")
    /// The root is one of the verifier's roots of trust.
    public static let pckChainRootPinned = Self("pck-chain.root-pinned")
    /// Each certificate has the version, key, algorithm and extensions that its role demands.
    public static let pckChainProfile = Self("pck-chain.profile")
    /// Each certificate is signed by the next one's key.
    public static let pckChainSignature = Self("pck-chain.signature")

    /// The root CA's revocation list can be read.
    public static let rootCRLFormat = Self("root-crl.format")
    /// The root CA's revocation list is the root's.
    public static let rootCRLIssuer = Self("root-crl.issuer")
    /// The root CA's revocation list is signed by the root.
    public static let rootCRLSignature = Self("root-crl.signature")
    /// The PCK CA's revocation list can be read.
    public static let pckCRLFormat = Self("pck-crl.format")
    /// The PCK CA's revocation list is that of the CA which issued the PCK certificate.
    public static let pckCRLIssuer = Self("pck-crl.issuer")
    /// The PCK CA's revocation list is signed by that CA.
    public static let pckCRLSignature = Self("pck-crl.signature")
    /// Neither PCK CA nor root is revoked.
    public static let rootCRLRevocation = Self("root-crl.revocation")
    /// The PCK certificate is not revoked.
    public static let pckCRLRevocation = Self("pck-crl.revocation")
    /// All three certificates are valid at the time of verification.
    public static let pckChainValidity = Self("pck-chain.validity")
    /// The root CA's revocation list is current.
    public static let rootCRLFreshness = Self("root-crl.freshness")
    /// The PCK CA's revocation list is current.
    public static let pckCRLFreshness = Self("pck-crl.freshness")
    /// The PCK certificate's SGX extension can be read.
    public static let pckCertificateSGXExtension = Self("pck-certificate.sgx-extension")

    /// The TCB info's chain is PEM of exactly two X.509 certificates.
    public static let tcbInfoChainFormat = Self("tcb-info-chain.format")
    /// The TCB info's signer has the TCB signing role, and the root issued it.
    public static let tcbInfoChainNames = Self("tcb-info-chain.names")
    /// The TCB info's chain ends at the same root as the PCK chain.
    public static let tcbInfoChainRootPinned = Self("tcb-info-chain.root-pinned")
    /// The TCB info's certificates are what their roles demand.
    public static let tcbInfoChainProfile = Self("tcb-info-chain.profile")
    /// The TCB info's signer is signed by the root.
    public static let tcbInfoChainSignature = Self("tcb-info-chain.signature")
    /// The TCB info's signer is not revoked.
    public static let tcbInfoChainRevocation = Self("tcb-info-chain.revocation")
    /// The TCB info's certificates are valid at the time of verification.
    public static let tcbInfoChainValidity = Self("tcb-info-chain.validity")
    /// The TCB info is a signed JSON envelope.
    public static let tcbInfoFormat = Self("tcb-info.format")
    /// The TCB info's bytes, as received, are signed by its signer.
    public static let tcbInfoSignature = Self("tcb-info.signature")
    /// The TCB info has all its fields, of a known version.
    public static let tcbInfoContent = Self("tcb-info.content")
    /// The TCB info is current.
    public static let tcbInfoFreshness = Self("tcb-info.freshness")

    /// The QE identity's chain is PEM of exactly two X.509 certificates.
    public static let qeIdentityChainFormat = Self("qe-identity-chain.format")
    /// The QE identity's signer has the TCB signing role, and the root issued it.
    public static let qeIdentityChainNames = Self("qe-identity-chain.names")
    /// The QE identity's chain ends at the same root as the PCK chain.
    public static let qeIdentityChainRootPinned = Self("qe-identity-chain.root-pinned")
    /// The QE identity's certificates are what their roles demand.
    public static let qeIdentityChainProfile = Self("qe-identity-chain.profile")
    /// The QE identity's signer is signed by the root.
    public static let qeIdentityChainSignature = Self("qe-identity-chain.signature")
    /// The QE identity's signer is not revoked.
    public static let qeIdentityChainRevocation = Self("qe-identity-chain.revocation")
    /// The QE identity's certificates are valid at the time of verification.
    public static let qeIdentityChainValidity = Self("qe-identity-chain.validity")
    /// The QE identity is a signed JSON envelope.
    public static let qeIdentityFormat = Self("qe-identity.format")
    /// The QE identity's bytes, as received, are signed by its signer.
    public static let qeIdentitySignature = Self("qe-identity.signature")
    /// The QE identity has all its fields, of a known version.
    public static let qeIdentityContent = Self("qe-identity.content")
    /// The QE identity is current.
    public static let qeIdentityFreshness = Self("qe-identity.freshness")

    /// The TCB info is about the quote's kind of TEE.
    public static let tcbInfoTEE = Self("tcb-info.tee")
    /// The TCB info is about the platform's FMSPC.
    public static let tcbInfoFMSPC = Self("tcb-info.fmspc")
    /// The TCB info is about the platform's provisioning certification enclave.
    public static let tcbInfoPCEID = Self("tcb-info.pce-id")

    /// The TCB info describes TDX modules of the version that the trust domain was started under.
    ///
    /// In reports about TDX quotes.
    public static let tdxModuleIdentity = Self("tdx-module.identity")
    /// The TDX module is signed by the signer described.
    ///
    /// In reports about TDX quotes.
    public static let tdxModuleMRSigner = Self("tdx-module.mrsigner")
    /// The TDX module's attributes are as described, and zero.
    ///
    /// In reports about TDX quotes.
    public static let tdxModuleAttributes = Self("tdx-module.attributes")

    /// The quoting enclave's report is signed by the platform's PCK key.
    public static let qeReportSignature = Self("qe-report.signature")
    /// The quoting enclave's report binds the attestation key.
    public static let qeReportKeyBinding = Self("qe-report.key-binding")
    /// The QE identity describes the quoting enclave for the quote's kind of TEE.
    public static let qeIdentityID = Self("qe-identity.id")
    /// The quoting enclave's MISCSELECT is as described.
    public static let qeIdentityMiscSelect = Self("qe-identity.miscselect")
    /// The quoting enclave's attributes are as described.
    public static let qeIdentityAttributes = Self("qe-identity.attributes")
    /// The quoting enclave is signed by the signer described.
    public static let qeIdentityMRSigner = Self("qe-identity.mrsigner")
    /// The quoting enclave has the product number described.
    public static let qeIdentityISVProdID = Self("qe-identity.isvprodid")
    /// The quoting enclave is not a debug enclave.
    public static let qeReportDebug = Self("qe-report.debug")
    /// The quote is signed by the attestation key.
    public static let quoteSignature = Self("quote.signature")
    /// The platform reaches a TCB level that is still supported.
    public static let tcbLevel = Self("tcb.level")
    /// The TDX module's version is at a level that is still supported.
    ///
    /// In reports about TDX quotes.
    public static let tdxModuleTCBLevel = Self("tdx-module.tcb-level")
    /// The status of platform and TDX module together is not revoked.
    ///
    /// In reports about TDX quotes.
    public static let tcbPlatformStatus = Self("tcb.platform-status")
    /// The platform reaches a supported TCB level with the TDX module that is loaded now, too.
    ///
    /// In reports about TDX quotes with a TD report of version 1.5, which says which module that is (TEE_TCB_SVN2).
    public static let tcbCurrentLevel = Self("tcb.current-level")
    /// The TCB info describes TDX modules of the version that is loaded now.
    ///
    /// In reports about TDX quotes with a TD report of version 1.5.
    public static let tdxModuleCurrentIdentity = Self("tdx-module.current-identity")
    /// The TDX module that is loaded now is at a level that is still supported.
    ///
    /// In reports about TDX quotes with a TD report of version 1.5.
    public static let tdxModuleCurrentTCBLevel = Self("tdx-module.current-tcb-level")
    /// The status of platform and of the TDX module that is loaded now is not revoked.
    ///
    /// In reports about TDX quotes with a TD report of version 1.5.
    public static let tcbCurrentStatus = Self("tcb.current-status")
    /// The quoting enclave's version is at a level that is still supported.
    public static let qeIdentityTCBLevel = Self("qe-identity.tcb-level")
    /// The status of platform, TDX module and quoting enclave together is not revoked.
    ///
    /// Any other status is reported, and judged by appraisal.
    public static let tcbStatus = Self("tcb.status")

    /// Every check that quote verification can make, in order.
    public static let verification: [Check.ID] = [
        .quoteFormat, .quoteBodyType, .quoteCertificationData, .quoteAttestationKey,
        .pckChainPresence, .pckChainFormat, .pckChainLeafMatch, .pckChainNames, .pckChainRootPinned, .pckChainProfile, .pckChainSignature,
        .rootCRLFormat, .rootCRLIssuer, .rootCRLSignature, .pckCRLFormat, .pckCRLIssuer, .pckCRLSignature,
        .rootCRLRevocation, .pckCRLRevocation, .pckChainValidity, .rootCRLFreshness, .pckCRLFreshness, .pckCertificateSGXExtension,
        .tcbInfoChainFormat, .tcbInfoChainNames, .tcbInfoChainRootPinned, .tcbInfoChainProfile, .tcbInfoChainSignature,
        .tcbInfoChainRevocation, .tcbInfoChainValidity, .tcbInfoFormat, .tcbInfoSignature, .tcbInfoContent, .tcbInfoFreshness,
        .qeIdentityChainFormat, .qeIdentityChainNames, .qeIdentityChainRootPinned, .qeIdentityChainProfile, .qeIdentityChainSignature,
        .qeIdentityChainRevocation, .qeIdentityChainValidity, .qeIdentityFormat, .qeIdentitySignature, .qeIdentityContent, .qeIdentityFreshness,
        .tcbInfoTEE, .tcbInfoFMSPC, .tcbInfoPCEID, .tdxModuleIdentity, .tdxModuleMRSigner, .tdxModuleAttributes,
        .qeReportSignature, .qeReportKeyBinding, .qeIdentityID, .qeIdentityMiscSelect, .qeIdentityAttributes, .qeIdentityMRSigner,
        .qeIdentityISVProdID, .qeReportDebug, .quoteSignature, .tcbLevel, .tdxModuleTCBLevel, .tcbPlatformStatus,
        .tcbCurrentLevel, .tdxModuleCurrentIdentity, .tdxModuleCurrentTCBLevel, .tcbCurrentStatus, .qeIdentityTCBLevel, .tcbStatus,
    ]

    /// Checks that are made of every TDX quote and of no other.
    private static let aboutTDX: Set<Check.ID> = [
        .tdxModuleIdentity, .tdxModuleMRSigner, .tdxModuleAttributes, .tdxModuleTCBLevel, .tcbPlatformStatus,
    ]
    /// Checks that are made of TDX quotes that say which TDX module is loaded now.
    private static let aboutCurrentModule: Set<Check.ID> = [
        .tcbCurrentLevel, .tdxModuleCurrentIdentity, .tdxModuleCurrentTCBLevel, .tcbCurrentStatus,
    ]

    /// The checks of SGX quotes; also those of bytes that are not a quote, which fail the first.
    static let sgxVerification = Self.verification.filter { !Self.aboutTDX.contains($0) && !Self.aboutCurrentModule.contains($0) }
    private static let tdxVerification = Self.verification.filter { !Self.aboutCurrentModule.contains($0) }

    /// The checks that verification makes of a quote with this body, in order.
    ///
    /// A report holds exactly these.
    public static func verification(of body: QuoteBody) -> [Check.ID] {
        switch body {
        case .enclave: Self.sgxVerification
        case .trustDomain(let report): report.current == nil ? Self.tdxVerification : Self.verification
        }
    }
}
