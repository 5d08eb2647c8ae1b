// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import SimulatedTEE
import Testing

@Suite("Appraisal")
struct AppraisalTests {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    static let platform = Result { try SimulatedPlatform.create(at: time) }
    static let enclave = SimulatedEnclave(isvProdID: 5, isvSVN: 3)
    static let reportData = ReportData(paddingWithZeros: [])!
    static let other = Measurement([UInt8](repeating: 0xaa, count: 32))!

    private static func verified(_ enclave: SimulatedEnclave = Self.enclave, faults: Set<SimulatedFault> = [], isSimulated: Bool = false) throws
        -> VerifiedQuote
    {
        let platform = try Self.platform.get()
        let encoded = try platform.quote(reportData: Self.reportData, enclave: enclave, faults: faults)
        let quote = try Quote(decoding: encoded.span)
        // A root that the caller brought, so that the other rules can be looked at without allowing simulated evidence.
        let root = isSimulated ? platform.rootOfTrust : RootOfTrust(certificateDER: platform.rootCertificateDER, kind: .custom)
        let outcome = QuoteVerifier(roots: [root]).verify(quote, collateral: try platform.collateral(at: Self.time, faults: faults), at: Self.time)
        return try #require(outcome.verifiedQuote, "\(outcome.report.text)")
    }

    private static let good = AppraisalPolicy(sgx: SGXReferenceValues(mrEnclave: .anyOf([other, enclave.mrEnclave])))

    private static func waiver(_ kind: Waiver.Kind, until: Date = time) -> Waiver { Waiver(kind, reason: "for the test", until: until) }

    @Test("an enclave that the policy names is accepted, every rule judged")
    func accepted() throws {
        let outcome = Self.good.appraise(try Self.verified(), at: Self.time)
        let result = try #require(outcome.result, "\(outcome.report.text)")
        #expect(outcome.report.checks.map(\.id) == AppraisalPolicy.plan(for: .sgx))
        #expect(outcome.report.allPassed)
        #expect(result.usedWaivers.isEmpty)
        #expect(result.appraisedAt == Self.time)
        #expect(!result.isSimulated)
    }

    /// A policy that refuses the good enclave, and by which rule.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let check: Check.ID
        let change: @Sendable (inout AppraisalPolicy) -> Void
        var enclave = AppraisalTests.enclave
        var faults: Set<SimulatedFault> = []

        var testDescription: String { self.name }
    }

    static let refusals: [Refusal] = [
        Refusal(name: "nothing given", check: .appraisalIdentityGiven) { $0.sgx = SGXReferenceValues() },
        Refusal(name: "trust domains meant alone", check: .appraisalIdentityGiven) { $0.tees = [.tdx] },
        Refusal(name: "trust domains meant alone, any of them", check: .appraisalIdentityGiven) {
            $0.tees = [.tdx]
            $0.waivers = [waiver(.anyMeasurement)]
        },
        Refusal(name: "only a product given", check: .appraisalIdentityGiven) { $0.sgx = SGXReferenceValues(isvProdID: .anyOf([5])) },
        Refusal(name: "only a signer given", check: .appraisalIdentityGiven) { $0.sgx = SGXReferenceValues(mrSigner: .anyOf([.simulatedSigner])) },
        Refusal(name: "another measurement", check: .appraisalMREnclave) { $0.sgx.mrEnclave = .anyOf([other]) },
        Refusal(name: "no measurement in the list", check: .appraisalMREnclave) { $0.sgx.mrEnclave = .anyOf([]) },
        Refusal(name: "another signer", check: .appraisalMRSigner) { $0.sgx.mrSigner = .anyOf([other]) },
        Refusal(name: "another product", check: .appraisalISVProdID) { $0.sgx.isvProdID = .anyOf([4, 6]) },
        Refusal(name: "too old a version", check: .appraisalISVSVN) { $0.sgx.minimumISVSVN = 4 },
        Refusal(name: "debug", check: .appraisalDebug, change: { _ in }, enclave: SimulatedEnclave(isDebug: true)),
        Refusal(name: "out of date", check: .appraisalTCBStatus, change: { _ in }, faults: [.outOfDatePlatform]),
        Refusal(
            name: "out of date in the list but not waived", check: .appraisalTCBStatus,
            change: { $0.tcb.acceptedStatuses = [.upToDate, .outOfDate] },
            faults: [.outOfDatePlatform]),
        Refusal(name: "hardening needed", check: .appraisalTCBStatus, change: { _ in }, faults: [.hardeningNeeded]),
        Refusal(
            name: "hardening needed with an out-of-date waiver", check: .appraisalTCBStatus, change: { $0.waivers = [waiver(.outOfDateTCB)] },
            faults: [.hardeningNeeded]),
        Refusal(
            name: "advisory that is not listed", check: .appraisalAdvisories,
            change: { policy in
                policy.tcb.acceptedStatuses = [.swHardeningNeeded]
                policy.tcb.advisories = .only(["INTEL-SA-00615"])
            }, faults: [.hardeningNeeded]),
        Refusal(
            name: "advisory that is denied", check: .appraisalAdvisories,
            change: { policy in
                policy.tcb.acceptedStatuses = [.swHardeningNeeded]
                policy.tcb.deniedAdvisories = ["SIMULATED-SA-00001"]
            }, faults: [.hardeningNeeded]),
        Refusal(name: "older than the minimum date", check: .appraisalTCBDate) { $0.tcb.minimumTCBDate = Self.time },
        Refusal(name: "older evaluation", check: .appraisalTCBEvaluation) { $0.tcb.minimumTCBEvaluationDataNumber = 21 },
        Refusal(
            name: "debug, waiver ended", check: .appraisalDebug, change: { $0.waivers = [waiver(.debugEnclave, until: time - 1)] },
            enclave: SimulatedEnclave(isDebug: true)),
    ]

    @Test("a policy refuses by the rule that is about it", arguments: refusals)
    func refused(refusal: Refusal) throws {
        var policy = Self.good
        refusal.change(&policy)
        let outcome = policy.appraise(try Self.verified(refusal.enclave, faults: refusal.faults), at: Self.time)
        #expect(outcome.result == nil)
        #expect(outcome.report.checks.filter { $0.outcome == .failed }.map(\.id) == [refusal.check], "\(outcome.report.text)")
        #expect(outcome.report.firstFailure?.remedy?.isEmpty == false)
    }

    @Test("everything that is in the way is named at once")
    func severalReasons() throws {
        let policy = AppraisalPolicy(sgx: SGXReferenceValues(mrEnclave: .anyOf([Self.other]), minimumISVSVN: 9))
        let report = policy.appraise(try Self.verified(SimulatedEnclave(isDebug: true), isSimulated: true), at: Self.time).report
        #expect(
            report.checks.filter { $0.outcome == .failed }.map(\.id)
                == [.appraisalSimulatedEvidence, .appraisalDebug, .appraisalMREnclave, .appraisalISVSVN])
    }

    @Test("the bounds of versions, dates and evaluation numbers belong to what is accepted")
    func bounds() throws {
        var policy = Self.good
        policy.sgx.minimumISVSVN = 3
        policy.tcb.minimumTCBEvaluationDataNumber = 20
        let evidence = try Self.verified()
        policy.tcb.minimumTCBDate = evidence.tcbDate
        #expect(policy.appraise(evidence, at: Self.time).result != nil)
    }

    @Test("a signer with a product is enough")
    func signer() throws {
        let policy = AppraisalPolicy(sgx: SGXReferenceValues(mrSigner: .anyOf([Self.enclave.mrSigner]), isvProdID: .anyOf([5])))
        #expect(policy.appraise(try Self.verified(), at: Self.time).result != nil)
    }

    @Test("advisories that the policy allows may apply")
    func allowedAdvisory() throws {
        var policy = Self.good
        policy.tcb.acceptedStatuses = [.upToDate, .swHardeningNeeded]
        policy.tcb.advisories = .only(["SIMULATED-SA-00001"])
        #expect(policy.appraise(try Self.verified(faults: [.hardeningNeeded]), at: Self.time).result != nil)
    }

    /// A waiver, and evidence that needs it.
    struct WaiverCase: Sendable, CustomTestStringConvertible {
        let kind: Waiver.Kind
        let check: Check.ID
        let sgx: SGXReferenceValues
        var enclave = AppraisalTests.enclave
        var faults: Set<SimulatedFault> = []

        var testDescription: String { self.kind.description }
    }

    static let waiverCases = [
        WaiverCase(kind: .outOfDateTCB, check: .appraisalTCBStatus, sgx: good.sgx, faults: [.outOfDatePlatform]),
        WaiverCase(kind: .debugEnclave, check: .appraisalDebug, sgx: good.sgx, enclave: SimulatedEnclave(isDebug: true)),
        WaiverCase(kind: .anyMeasurement, check: .appraisalIdentityGiven, sgx: SGXReferenceValues()),
        WaiverCase(kind: .anyMeasurement, check: .appraisalMREnclave, sgx: SGXReferenceValues(mrEnclave: .anyOf([other]))),
    ]

    @Test("a waiver lets exactly its rule pass, up to its end, and is named in the result", arguments: waiverCases)
    func waivers(waiverCase: WaiverCase) throws {
        let evidence = try Self.verified(waiverCase.enclave, faults: waiverCase.faults)
        func outcome(_ waivers: [Waiver]) -> AppraisalOutcome {
            AppraisalPolicy(sgx: waiverCase.sgx, waivers: waivers).appraise(evidence, at: Self.time)
        }
        let waiver = Self.waiver(waiverCase.kind)
        #expect(outcome([waiver]).result?.usedWaivers == [waiver])
        #expect(outcome([waiver]).report[waiverCase.check]?.found?.contains("WAIVED") == true)
        #expect(outcome([Self.waiver(waiverCase.kind, until: Self.time - 1)]).report.firstFailure?.id == waiverCase.check)
        let others = Waiver.Kind.all.filter { $0 != waiverCase.kind }.map { Self.waiver($0) }
        #expect(outcome(others).report.firstFailure?.id == waiverCase.check)
    }

    @Test("a waiver that was not needed is not named")
    func unusedWaiver() throws {
        var policy = Self.good
        policy.waivers = Waiver.Kind.all.map { Self.waiver($0) }
        #expect(policy.appraise(try Self.verified(), at: Self.time).result?.usedWaivers == [])
    }

    @Test("simulated evidence is accepted only where it is allowed, and never for production")
    func simulatedEvidence() throws {
        let evidence = try Self.verified(isSimulated: true)
        var policy = Self.good
        for (simulated, purpose) in [
            (AppraisalPolicy.SimulatedEvidence.refused, AppraisalPolicy.Purpose.development), (.allowed, .production), (.refused, .production),
        ] {
            policy.simulatedEvidence = simulated
            policy.purpose = purpose
            #expect(policy.appraise(evidence, at: Self.time).report.firstFailure?.id == .appraisalSimulatedEvidence)
        }
        policy.simulatedEvidence = .allowed
        policy.purpose = .development
        let outcome = policy.appraise(evidence, at: Self.time)
        #expect(outcome.result?.isSimulated == true)
        #expect(outcome.report[.appraisalSimulatedEvidence]?.found?.contains("SIMULATED") == true)
    }

    @Test("waivers are written by their names", arguments: Waiver.Kind.all)
    func waiverNames(kind: Waiver.Kind) throws {
        #expect(Waiver.Kind(name: kind.description) == kind)
        #expect(try JSONDecoder().decode(Waiver.Kind.self, from: JSONEncoder().encode(kind)) == kind)
        #expect(Waiver.Kind(name: "any") == nil)
    }
}
