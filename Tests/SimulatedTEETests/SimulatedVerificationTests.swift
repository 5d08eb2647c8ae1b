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

    private static func verify(
        faults: Set<SimulatedFault> = [], roots: [RootOfTrust]? = nil, at time: Date = Self.time
    ) throws -> VerificationOutcome {
        let platform = try Self.platform.get()
        let encoded = try platform.quote(reportData: Self.reportData, faults: faults)
        let quote = try Quote(decoding: encoded.span)
        return QuoteVerifier(roots: roots ?? [platform.rootOfTrust]).verify(
            quote, collateral: try platform.collateral(at: Self.time, faults: faults), at: time)
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
        .wrongQuoteSignature: .quoteSignature,
        .wrongQEReportSignature: .qeReportSignature,
        .wrongQEReportData: .qeReportKeyBinding,
        .wrongQESigner: .qeIdentityMRSigner,
        .debugQE: .qeIdentityAttributes,
        .expiredTCBInfo: .tcbInfoFreshness,
        .futureTCBInfo: .tcbInfoFreshness,
        .expiredQEIdentity: .qeIdentityFreshness,
        .expiredPCKCRL: .pckCRLFreshness,
        .expiredRootCRL: .rootCRLFreshness,
        .revokedPCK: .pckCRLRevocation,
        .revokedPCKAuthority: .rootCRLRevocation,
        .revokedTCBSigning: .tcbInfoChainRevocation,
        .wrongTCBInfoSignature: .tcbInfoSignature,
        .wrongQEIdentitySignature: .qeIdentitySignature,
        .wrongFMSPC: .tcbInfoFMSPC,
        .wrongPCEID: .tcbInfoPCEID,
        .wrongPCKCRLSignature: .pckCRLSignature,
        .revokedPlatformLevel: .tcbStatus,
    ]

    /// What the verified status is where the fault is not verification's to refuse.
    static let statuses: [SimulatedFault: TCBStatus] = [.outOfDatePlatform: .outOfDate, .hardeningNeeded: .swHardeningNeeded]

    @Test("each fault is caught by the check that is about it", arguments: SimulatedFault.allCases)
    func faults(fault: SimulatedFault) throws {
        let outcome = try Self.verify(faults: [fault])
        if let status = Self.statuses[fault] {
            #expect(outcome.verifiedQuote?.tcbStatus == status, "\(outcome.report.text)")
            #expect(outcome.verifiedQuote?.advisoryIDs == ["SIMULATED-SA-00001"])
        } else {
            let expected = try #require(Self.catches[fault])
            #expect(outcome.report.firstFailure?.id == expected, "\(outcome.report.text)")
            #expect(outcome.verifiedQuote == nil)
        }
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
        #expect(expired.report.firstFailure?.id == .rootCRLFreshness)
    }
}
