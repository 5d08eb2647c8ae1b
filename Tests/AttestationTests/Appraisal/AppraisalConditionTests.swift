// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import Testing

/// Conditions of appraisal that simulated enclaves cannot be made to break.
@Suite("Appraisal of attributes, configurations and age")
struct AppraisalConditionTests {
    static let zeros = Measurement([UInt8](repeating: 0, count: 32))!
    static let sgx = SGXReferenceValues(mrEnclave: .anyOf([zeros]))

    private static func verified(_ change: (inout TestEvidence) -> Void = { _ in }) throws -> VerifiedQuote {
        var evidence = TestEvidence()
        change(&evidence)
        let outcome = try evidence.verify()
        return try #require(outcome.verifiedQuote, "\(outcome.report.summary)")
    }

    private static func failures(_ policy: AppraisalPolicy, _ evidence: VerifiedQuote, at time: Date = TestEvidence.time) -> [Check.ID] {
        policy.appraise(evidence, at: time).report.checks.filter { $0.outcome == .failed }.map(\.id)
    }

    @Test(
        "an enclave must be initialised and 64-bit, without the provisioning and the launch key",
        arguments: [(0x05, true), (0x85, true), (0x04, false), (0x01, false), (0x15, false), (0x25, false)] as [(UInt8, Bool)])
    func attributes(flags: UInt8, isAccepted: Bool) throws {
        let evidence = try Self.verified { $0.enclaveFlags = flags }
        #expect(Self.failures(AppraisalPolicy(sgx: Self.sgx), evidence) == (isAccepted ? [] : [.appraisalAttributes]))
    }

    @Test("no waiver lets wrong attributes pass")
    func attributesAndWaivers() throws {
        let waivers = Waiver.Kind.all.map { Waiver($0, reason: "for the test", until: .distantFuture) }
        let evidence = try Self.verified { $0.enclaveFlags = 0x15 }
        #expect(Self.failures(AppraisalPolicy(sgx: Self.sgx, waivers: waivers), evidence) == [.appraisalAttributes])
    }

    @Test("verified evidence is appraised within the validity of what it was verified with, bounds included")
    func age() throws {
        let evidence = try Self.verified()
        let policy = AppraisalPolicy(sgx: Self.sgx)
        for time in [evidence.collateralIssued, evidence.collateralExpiration] { #expect(Self.failures(policy, evidence, at: time).isEmpty) }
        for time in [evidence.collateralIssued - 1, evidence.collateralExpiration + 1] {
            #expect(Self.failures(policy, evidence, at: time) == [.appraisalCollateralValidity])
        }
    }

    /// Statuses, the list that is accepted, and whether that is enough with and without a waiver for what is out of date.
    static let statuses: [(status: String, accepted: Set<TCBStatus>, alone: Bool, waived: Bool)] = [
        ("UpToDate", [], false, false), ("UpToDate", [.upToDate], true, true), ("SWHardeningNeeded", [.upToDate], false, false),
        ("ConfigurationNeeded", [.upToDate], false, false), ("ConfigurationNeeded", [.configurationNeeded], true, true),
        ("ConfigurationAndSWHardeningNeeded", [.configurationNeeded, .swHardeningNeeded], false, false),
        ("OutOfDate", [.upToDate], false, true), ("OutOfDate", Set(TCBStatus.allCases), false, true),
        ("OutOfDateConfigurationNeeded", [.upToDate], false, false), ("OutOfDateConfigurationNeeded", [.outOfDate], false, false),
        ("OutOfDateConfigurationNeeded", [.configurationNeeded], false, true),
        ("OutOfDateConfigurationNeeded", [.outOfDateConfigurationNeeded], false, true),
        ("OutOfDateConfigurationNeeded", Set(TCBStatus.allCases), false, true),
    ]

    @Test("what is out of date needs a waiver, and what needs configuration has to be accepted beside", arguments: Self.statuses.indices)
    func status(index: Int) throws {
        let (status, accepted, alone, waived) = Self.statuses[index]
        let evidence = try Self.verified { $0.tcbInfo = TestTCBInfo(levels: [TestTCBInfo.level(TestSGXExtension.components, 13, status)]).body }
        var policy = AppraisalPolicy(sgx: Self.sgx, tcb: TCBRequirements(acceptedStatuses: accepted))
        #expect(Self.failures(policy, evidence) == (alone ? [] : [.appraisalTCBStatus]))
        policy.waivers = [Waiver(.outOfDateTCB, reason: "for the test", until: TestEvidence.time)]
        #expect(Self.failures(policy, evidence) == (waived ? [] : [.appraisalTCBStatus]))
    }

    @Test("an old TCB date passes with the waiver for what is out of date, and with no other")
    func date() throws {
        let evidence = try Self.verified()
        var policy = AppraisalPolicy(sgx: Self.sgx, tcb: TCBRequirements(minimumTCBDate: evidence.tcbDate + 1))
        #expect(Self.failures(policy, evidence) == [.appraisalTCBDate])
        policy.waivers = [.debugEnclave, .anyMeasurement].map { Waiver($0, reason: "for the test", until: .distantFuture) }
        #expect(Self.failures(policy, evidence) == [.appraisalTCBDate])
        policy.waivers = [Waiver(.outOfDateTCB, reason: "for the test", until: .distantFuture)]
        #expect(policy.appraise(evidence, at: TestEvidence.time).result?.usedWaivers == policy.waivers)
    }

    @Test("any of several signers and products is accepted, and one waiver covers each of the enclave's names")
    func names() throws {
        let evidence = try Self.verified()
        let other = Measurement([UInt8](repeating: 1, count: 32))!
        let good = SGXReferenceValues(mrEnclave: .anyOf([other, Self.zeros]), mrSigner: .anyOf([other, Self.zeros]), isvProdID: .anyOf([1, 0]))
        #expect(Self.failures(AppraisalPolicy(sgx: good), evidence).isEmpty)
        let wrong = SGXReferenceValues(mrEnclave: .anyOf([other]), mrSigner: .anyOf([other]), isvProdID: .anyOf([1]))
        #expect(Self.failures(AppraisalPolicy(sgx: wrong), evidence) == [.appraisalMREnclave, .appraisalMRSigner, .appraisalISVProdID])
        let waiver = Waiver(.anyMeasurement, reason: "for the test", until: TestEvidence.time)
        #expect(AppraisalPolicy(sgx: wrong, waivers: [waiver]).appraise(evidence, at: TestEvidence.time).result?.usedWaivers == [waiver])
        let nothing = SGXReferenceValues(mrEnclave: .anyOf([]), mrSigner: .anyOf([]), isvProdID: .anyOf([]))
        #expect(Self.failures(AppraisalPolicy(sgx: nothing), evidence) == [.appraisalMREnclave, .appraisalMRSigner, .appraisalISVProdID])
    }
}
