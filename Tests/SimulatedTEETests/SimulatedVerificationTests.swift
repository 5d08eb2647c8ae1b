// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import SimulatedTEE
import Testing

@Suite("Verification of simulated evidence")
struct SimulatedVerificationTests {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    static let platform = Result { try SimulatedPlatform.create(at: time) }
    static let reportData = ReportData(paddingWithZeros: [1, 2, 3])!

    static let sgx = SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 3)
    static let tdx = SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain()), version: 5)

    private static func verify(
        _ form: SimulatedQuoteForm = Self.sgx, faults: Set<SimulatedFault> = [], roots: [RootOfTrust]? = nil, pckChain: [UInt8]? = nil,
        tcbInfoVersion: Int = 3, at time: Date = Self.time
    ) throws -> VerificationOutcome {
        let platform = try Self.platform.get()
        var collateral = try platform.collateral(at: Self.time, tee: form.attester.tee, tcbInfoVersion: tcbInfoVersion, faults: faults)
        if let pckChain { collateral.pckChain = pckChain }
        return QuoteVerifier(roots: roots ?? [platform.rootOfTrust]).verify(
            encodedQuote: try platform.quote(reportData: Self.reportData, form: form, faults: faults), collateral: collateral, at: time)
    }

    @Test("a simulated quote verifies as up to date under the simulated root")
    func upToDate() throws {
        let outcome = try Self.verify()
        let verified = try #require(outcome.verifiedQuote, "\(outcome.report.text)")
        #expect(verified.tcbStatus == .upToDate)
        #expect(verified.advisoryIDs.isEmpty)
        #expect(verified.root.kind == .simulated)
        #expect(verified.platform.fmspc == (try Self.platform.get().fmspc))
        #expect(verified.platform.certificateAuthority == .platform)
        #expect(verified.platform.isSMTEnabled == true)
        #expect(verified.tcbEvaluationDataNumber == 20)
    }

    @Test("Intel's root does not accept it")
    func intelRoot() throws {
        #expect(try Self.verify(roots: [.intelSGX]).report.firstFailure?.id == .pckChainRootPinned)
    }

    @Test("another simulated platform's root does not accept it")
    func otherRoot() throws {
        #expect(try Self.verify(roots: [SimulatedPlatform.create(at: Self.time).rootOfTrust]).report.firstFailure?.id == .pckChainRootPinned)
    }

    /// Which check each fault is caught by.
    static let catches: [SimulatedFault: Check.ID] = [
        .unsupportedVersion: .quoteFormat, .attestationKeyOffCurve: .quoteAttestationKey, .wrongQuoteSignature: .quoteSignature,
        .wrongQEReportSignature: .qeReportSignature, .wrongQEReportData: .qeReportKeyBinding, .wrongQESigner: .qeIdentityMRSigner,
        .wrongQEProduct: .qeIdentityISVProdID, .wrongQEMiscSelect: .qeIdentityMiscSelect, .debugQE: .qeIdentityAttributes,
        .revokedQE: .tcbStatus, .unsupportedQE: .qeIdentityTCBLevel,
        .garbledPCKChain: .pckChainFormat, .strangeRoot: .pckChainRootPinned, .misnamedPCK: .pckChainNames, .incompletePCK: .pckChainProfile,
        .forgedPCK: .pckChainSignature, .expiredPCK: .pckChainValidity, .pckWithoutSGXExtension: .pckCertificateSGXExtension,
        .otherPCKChain: .pckChainLeafMatch,
        .garbledRootCRL: .rootCRLFormat, .rootCRLOfOtherAuthority: .rootCRLIssuer, .wrongRootCRLSignature: .rootCRLSignature,
        .garbledPCKCRL: .pckCRLFormat, .pckCRLOfOtherAuthority: .pckCRLIssuer, .wrongPCKCRLSignature: .pckCRLSignature,
        .revokedPCKAuthority: .rootCRLRevocation, .revokedPCK: .pckCRLRevocation, .expiredRootCRL: .rootCRLFreshness,
        .expiredPCKCRL: .pckCRLFreshness,
        .garbledTCBInfoChain: .tcbInfoChainFormat, .misnamedTCBInfoSigner: .tcbInfoChainNames, .strangeTCBInfoRoot: .tcbInfoChainRootPinned,
        .incompleteTCBInfoSigner: .tcbInfoChainProfile, .forgedTCBInfoSigner: .tcbInfoChainSignature, .revokedTCBSigning: .tcbInfoChainRevocation,
        .expiredTCBInfoSigner: .tcbInfoChainValidity, .garbledTCBInfo: .tcbInfoFormat, .wrongTCBInfoSignature: .tcbInfoSignature,
        .incompleteTCBInfo: .tcbInfoContent, .expiredTCBInfo: .tcbInfoFreshness, .futureTCBInfo: .tcbInfoFreshness,
        .otherTEEInTCBInfo: .tcbInfoTEE, .wrongFMSPC: .tcbInfoFMSPC, .wrongPCEID: .tcbInfoPCEID, .unsupportedPlatform: .tcbLevel,
        .garbledQEIdentityChain: .qeIdentityChainFormat, .misnamedQEIdentitySigner: .qeIdentityChainNames,
        .strangeQEIdentityRoot: .qeIdentityChainRootPinned, .incompleteQEIdentitySigner: .qeIdentityChainProfile,
        .forgedQEIdentitySigner: .qeIdentityChainSignature, .revokedQEIdentitySigner: .qeIdentityChainRevocation,
        .expiredQEIdentitySigner: .qeIdentityChainValidity, .garbledQEIdentity: .qeIdentityFormat,
        .wrongQEIdentitySignature: .qeIdentitySignature, .incompleteQEIdentity: .qeIdentityContent, .expiredQEIdentity: .qeIdentityFreshness,
        .futureQEIdentity: .qeIdentityFreshness, .otherQEIdentity: .qeIdentityID, .debugQEInIdentity: .qeReportDebug,
        .revokedPlatformLevel: .tcbStatus,
    ]

    /// The same for faults that only a trust domain's quote can have, or that are caught elsewhere in one.
    static let tdxCatches: [SimulatedFault: Check.ID] = [
        .unknownTDXModule: .tdxModuleIdentity, .wrongTDXModuleSigner: .tdxModuleMRSigner, .wrongTDXModuleAttributes: .tdxModuleAttributes,
        .unsupportedTDXModule: .tdxModuleTCBLevel, .revokedTDXModule: .tcbPlatformStatus, .revokedPlatformLevel: .tcbPlatformStatus,
        .unsupportedCurrentTDXLevel: .tcbCurrentLevel, .unknownCurrentTDXModule: .tdxModuleCurrentIdentity,
        .unsupportedCurrentTDXModule: .tdxModuleCurrentTCBLevel, .revokedCurrentTDXModule: .tcbCurrentStatus,
    ]

    /// What the verified status is where the fault is not verification's to refuse.
    static let statuses: [SimulatedFault: TCBStatus] = [
        .outOfDatePlatform: .outOfDate, .hardeningNeeded: .swHardeningNeeded, .configurationNeeded: .configurationNeeded,
        .configurationAndHardeningNeeded: .configurationAndSWHardeningNeeded, .outOfDateConfigurationNeeded: .outOfDateConfigurationNeeded,
        .outdatedQE: .outOfDate,
    ]

    @Test("each fault is caught by the check that is about it, and by no other", arguments: SimulatedFault.allCases, [Self.sgx, Self.tdx])
    func caught(fault: SimulatedFault, form: SimulatedQuoteForm) throws {
        let isTDX = form.attester.tee == .tdx
        guard isTDX || Self.catches[fault] != nil || Self.statuses[fault] != nil else { return }
        let outcome = try Self.verify(form, faults: [fault])
        if let expected = (isTDX ? Self.tdxCatches[fault] : nil) ?? Self.catches[fault] {
            #expect(outcome.report.checks.filter { $0.outcome == .failed }.map(\.id) == [expected], "\(outcome.report.text)")
            #expect(outcome.verifiedQuote == nil)
        } else if fault == .outdatedTDXModule {
            #expect(outcome.verifiedQuote?.tcbStatus == .tdRelaunchAdvised, "\(outcome.report.text)")
            #expect(outcome.verifiedQuote?.advisoryIDs == ["SIMULATED-SA-00002"])
        } else {
            let status = try #require(Self.statuses[fault])
            #expect(outcome.verifiedQuote?.tcbStatus == status, "\(outcome.report.text)")
            #expect(outcome.verifiedQuote?.advisoryIDs == ["SIMULATED-SA-00001"])
        }
    }

    /// Checks that a form of quote is caught by, without any fault.
    static let formCatches: [(SimulatedQuoteForm, Check.ID)] = [
        (SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain(layout: .version1_5Extended)), version: 5), .quoteBodyType),
        (SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 3, certificationData: .platformManifest), .quoteCertificationData),
        (SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 4, certificationData: .plainPPID), .pckChainPresence),
        (SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain()), version: 3), .quoteFormat),
    ]

    @Test("forms of quotes that verification does not take are refused", arguments: Self.formCatches.indices)
    func refusedForm(index: Int) throws {
        let (form, expected) = Self.formCatches[index]
        #expect(try Self.verify(form).report.firstFailure?.id == expected)
    }

    @Test("every check of verification has a fault or a form that reaches it")
    func coverage() {
        let reached = Set(Self.catches.values).union(Self.tdxCatches.values).union(Self.formCatches.map(\.1))
        #expect(Check.ID.verification.filter { !reached.contains($0) } == [])
    }

    static let goodForms: [SimulatedQuoteForm] = {
        let (enclave, domain) = (SimulatedQuoteForm.Attester.enclave(SimulatedEnclave()), { SimulatedTrustDomain(layout: $0) })
        let versions: [(SimulatedQuoteForm.Attester, UInt16)] = [
            (enclave, 3), (enclave, 4), (enclave, 5), (.trustDomain(domain(.version1_0)), 4), (.trustDomain(domain(.version1_0)), 5),
            (.trustDomain(domain(.version1_5)), 5),
        ]
        let kinds: [CertificationData.Kind] = [.plainPPID, .ppidRSA2048, .ppidRSA3072, .pckCertificate, .pckChain]
        return versions.flatMap { attester, version in
            kinds.map { SimulatedQuoteForm(attester, version: version, certificationData: $0) }
                + [[], [UInt8](repeating: 9, count: 64)].map { SimulatedQuoteForm(attester, version: version, qeAuthenticationData: $0) }
        }
    }()

    @Test("every form of quote verifies with the PCK chain beside it", arguments: Self.goodForms)
    func verified(form: SimulatedQuoteForm) throws {
        let outcome = try Self.verify(form, pckChain: try Self.platform.get().pckChain())
        let verified = try #require(outcome.verifiedQuote, "\(outcome.report.text)")
        #expect(verified.tcbStatus == .upToDate && verified.advisoryIDs.isEmpty)
        #expect(verified.quote.header.version == form.version && verified.quote.header.tee == form.attester.tee)
        #expect(verified.quote.certificationData.kind == form.certificationData)
        #expect(verified.quote.reportData == Self.reportData)
        #expect(outcome.report.checks.map(\.id) == Check.ID.verification(of: verified.quote.body))
    }

    @Test("the extended TD report verifies where it is accepted")
    func extendedTDReport() throws {
        let platform = try Self.platform.get()
        let form = SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain(layout: .version1_5Extended)), version: 5)
        let outcome = QuoteVerifier(roots: [platform.rootOfTrust], extendedTDReports: .accepted).verify(
            encodedQuote: try platform.quote(reportData: Self.reportData, form: form), collateral: try platform.collateral(at: Self.time, tee: .tdx),
            at: Self.time)
        #expect(outcome.verifiedQuote?.quote.tdReport?.extended != nil, "\(outcome.report.text)")
    }

    @Test("TCB info of version 2 serves SGX, and version 3 alone TDX")
    func tcbInfoVersions() throws {
        #expect(try Self.verify(tcbInfoVersion: 2).verifiedQuote?.tcbStatus == .upToDate)
        #expect(try Self.verify(Self.tdx, tcbInfoVersion: 2).report.firstFailure?.id == .tcbInfoTEE)
    }

    @Test("a root pinned by its key accepts another edition of its certificate, one pinned by its certificate does not")
    func keyPin() throws {
        let platform = try Self.platform.get()
        let pin = try RootOfTrust(publicKeyOfCertificateDER: platform.rootCertificateDER, kind: .simulated)
        #expect(try Self.verify(roots: [pin]).verifiedQuote != nil)
        #expect(try Self.verify(faults: [.strangeRoot], roots: [pin]).report.firstFailure?.id == .pckChainRootPinned)
        #expect(throws: CollateralError.self) { try RootOfTrust(publicKeyOfCertificateDER: [0x30, 0], kind: .custom) }
    }

    @Test(
        "collateral is valid from an hour before to 30 days after it was made",
        arguments: [(-3601.0, false), (-3600, true), (2_588_400, true), (2_588_401, false)])
    func window(offset: TimeInterval, isVerified: Bool) throws {
        #expect((try Self.verify(at: Self.time.addingTimeInterval(offset)).verifiedQuote != nil) == isVerified)
    }

    @Test("collateral that has expired altogether is refused")
    func expired() throws {
        let expired = try Self.verify(faults: .expired)
        #expect(expired.verifiedQuote == nil)
        let failures = expired.report.checks.filter { $0.outcome == .failed }.map(\.id)
        #expect(failures == [.rootCRLFreshness, .pckCRLFreshness, .tcbInfoFreshness, .qeIdentityFreshness])
    }
}
