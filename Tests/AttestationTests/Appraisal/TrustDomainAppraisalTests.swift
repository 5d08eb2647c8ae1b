// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import SimulatedTEE
import Testing

@Suite("Appraisal of trust domains")
struct TrustDomainAppraisalTests {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    static let platform = Result { try SimulatedPlatform.create(at: time) }
    static let domain = SimulatedTrustDomain()
    static let other = TDMeasurement.simulated(0xcc)
    static let good = AppraisalPolicy(
        tdx: TDXReferenceValues(
            mrTD: .anyOf([other, domain.mrTD]), rtmr0: .anyOf([domain.rtmrs[0]]), rtmr1: .anyOf([domain.rtmrs[1]]),
            rtmr2: .anyOf([domain.rtmrs[2]]), rtmr3: .anyOf([domain.rtmrs[3]])))

    private static func verified(_ domain: SimulatedTrustDomain = Self.domain, faults: Set<SimulatedFault> = []) throws -> VerifiedQuote {
        let platform = try Self.platform.get()
        let encoded = try platform.quote(
            reportData: ReportData(paddingWithZeros: [])!, form: SimulatedQuoteForm(.trustDomain(domain), version: 5), faults: faults)
        let root = RootOfTrust(certificateDER: platform.rootCertificateDER, kind: .custom)
        let outcome = QuoteVerifier(roots: [root]).verify(
            encodedQuote: encoded, collateral: try platform.collateral(at: Self.time, tee: .tdx, faults: faults), at: Self.time)
        return try #require(outcome.verifiedQuote, "\(outcome.report.text)")
    }

    @Test("a trust domain that the policy names is accepted, every rule judged", arguments: [TDReport.Layout.version1_0, .version1_5])
    func accepted(layout: TDReport.Layout) throws {
        let outcome = Self.good.appraise(try Self.verified(SimulatedTrustDomain(layout: layout)), at: Self.time)
        #expect(outcome.result?.usedWaivers == [], "\(outcome.report.text)")
        #expect(outcome.report.checks.map(\.id) == AppraisalPolicy.plan(for: .tdx))
    }

    /// What a policy refuses, by which rule, and the waiver that lets it pass.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let check: Check.ID
        var waiver: Waiver.Kind?
        var policy: @Sendable (inout AppraisalPolicy) -> Void = { _ in }
        var domain: @Sendable (inout SimulatedTrustDomain) -> Void = { _ in }
        var faults: Set<SimulatedFault> = []

        var testDescription: String { self.name }
    }

    static let refusals: [Refusal] = [
        Refusal(name: "an SGX policy", check: .appraisalIdentityGiven, waiver: .anyMeasurement) {
            $0.tdx = TDXReferenceValues()
            $0.sgx = SGXReferenceValues(mrEnclave: .anyOf([.simulatedEnclave]))
        },
        Refusal(name: "enclaves meant alone", check: .appraisalIdentityGiven) { $0.tees = [.sgx] },
        Refusal(name: "mr_td", check: .appraisalMRTD, waiver: .anyMeasurement) { $0.tdx.mrTD = .anyOf([other]) },
        Refusal(name: "empty mr_td", check: .appraisalMRTD, waiver: .anyMeasurement) { $0.tdx.mrTD = .anyOf([]) },
        Refusal(name: "rtmr0", check: .appraisalRTMR0, waiver: .anyMeasurement) { $0.tdx.rtmr0 = .anyOf([other]) },
        Refusal(name: "rtmr1", check: .appraisalRTMR1, waiver: .anyMeasurement) { $0.tdx.rtmr1 = .anyOf([other]) },
        Refusal(name: "rtmr2", check: .appraisalRTMR2, waiver: .anyMeasurement) { $0.tdx.rtmr2 = .anyOf([other]) },
        Refusal(name: "rtmr3", check: .appraisalRTMR3, waiver: .anyMeasurement) { $0.tdx.rtmr3 = .anyOf([other]) },
        Refusal(name: "mr_config_id", check: .appraisalMRConfigID, waiver: .anyMeasurement) { $0.tdx.mrConfigID = .anyOf([other]) },
        Refusal(name: "mr_owner", check: .appraisalMROwner, waiver: .anyMeasurement) { $0.tdx.mrOwner = .anyOf([other]) },
        Refusal(name: "mr_owner_config", check: .appraisalMROwnerConfig, waiver: .anyMeasurement) { $0.tdx.mrOwnerConfig = .anyOf([other]) },
        Refusal(name: "mr_seam", check: .appraisalMRSeam, waiver: .anyMeasurement) { $0.tdx.mrSeam = .anyOf([other]) },
        Refusal(name: "mr_signer_seam", check: .appraisalMRSignerSeam, waiver: .anyMeasurement) { $0.tdx.mrSignerSeam = .anyOf([other]) },
        Refusal(name: "xfam", check: .appraisalXFAM, waiver: .anyMeasurement) { $0.tdx.xfam = .anyOf([XFAM([1, 2, 3, 4, 5, 6, 7, 8])!]) },
        Refusal(name: "td_attributes", check: .appraisalTDAttributes) { $0.tdx.tdAttributes = .anyOf([TDAttributes(bits: 0)]) },
        Refusal(name: "a reserved bit", check: .appraisalTDAttributes, domain: { $0.tdAttributes = TDAttributes(bits: 1 << 28 | 1 << 40) }),
        Refusal(name: "debug", check: .appraisalDebug, waiver: .debugEnclave, domain: { $0.tdAttributes = TDAttributes(bits: 1 << 28 | 1) }),
        Refusal(
            name: "another debug bit", check: .appraisalDebug, waiver: .debugEnclave,
            domain: { $0.tdAttributes = TDAttributes(bits: 1 << 28 | 1 << 5) }),
        Refusal(
            name: "SEPT_VE_DISABLE clear", check: .appraisalSEPTVEDisable, waiver: .septVEDisable, domain: { $0.tdAttributes = TDAttributes(bits: 0) }
        ),
        Refusal(
            name: "migratable", check: .appraisalMigratable, waiver: .migratableTD,
            domain: { $0.tdAttributes = TDAttributes(bits: 1 << 28 | 1 << 29) }),
        Refusal(name: "a service TD", check: .appraisalServiceTD, waiver: .serviceTD, domain: { $0.mrServiceTD = other }),
        Refusal(
            name: "another service TD", check: .appraisalServiceTD, waiver: .serviceTD, policy: { $0.tdx.mrServiceTD = .anyOf([.zero]) },
            domain: { $0.mrServiceTD = other }),
        Refusal(name: "relaunch advised", check: .appraisalTCBStatus, faults: [.outdatedTDXModule]),
        Refusal(name: "out of date", check: .appraisalTCBStatus, waiver: .outOfDateTCB, faults: [.outOfDatePlatform]),
        Refusal(name: "too old an evaluation", check: .appraisalTCBEvaluation) { $0.tcb.minimumTCBEvaluationDataNumber = 21 },
        Refusal(name: "too old a TCB", check: .appraisalTCBDate, waiver: .outOfDateTCB) { $0.tcb.minimumTCBDate = time },
    ]

    @Test("a rule that does not hold refuses, alone; its waiver lets it pass until it ends", arguments: Self.refusals)
    func refused(refusal: Refusal) throws {
        var (policy, domain) = (Self.good, Self.domain)
        refusal.policy(&policy)
        refusal.domain(&domain)
        let evidence = try Self.verified(domain, faults: refusal.faults)
        let report = policy.appraise(evidence, at: Self.time).report
        #expect(report.checks.filter { $0.outcome == .failed }.map(\.id) == [refusal.check], "\(report.text)")
        #expect(report[refusal.check]?.remedy != nil)

        for kind in Waiver.Kind.all {
            policy.waivers = [Waiver(kind, reason: "for the test", until: Self.time)]
            #expect((policy.appraise(evidence, at: Self.time).result != nil) == (kind == refusal.waiver), "\(kind)")
            policy.waivers = [Waiver(kind, reason: "for the test", until: Self.time.addingTimeInterval(-1))]
            #expect(policy.appraise(evidence, at: Self.time).result == nil)
        }
    }

    @Test("what the policy names besides is accepted")
    func named() throws {
        var (policy, domain) = (Self.good, Self.domain)
        domain.mrServiceTD = Self.other
        policy.tdx.mrServiceTD = .anyOf([Self.other])
        policy.tdx.tdAttributes = .anyOf([domain.tdAttributes])
        policy.tcb.acceptedStatuses = [.tdRelaunchAdvised]
        policy.tcb.advisories = .only(["SIMULATED-SA-00002"])
        let outcome = policy.appraise(try Self.verified(domain, faults: [.outdatedTDXModule]), at: Self.time)
        #expect(outcome.result != nil, "\(outcome.report.text)")
        policy.tcb.advisories = .only([])
        let refused = policy.appraise(try Self.verified(domain, faults: [.outdatedTDXModule]), at: Self.time)
        #expect(refused.report.firstFailure?.id == .appraisalAdvisories)
    }

    @Test("every rule about trust domains refuses something")
    func coverage() {
        let shared: Set<Check.ID> = [.appraisalSimulatedEvidence, .appraisalCollateralValidity, .appraisalAdvisories]
        let reached = Set(Self.refusals.map(\.check)).union(shared)
        #expect(AppraisalPolicy.plan(for: .tdx).filter { !reached.contains($0) } == [])
    }
}
