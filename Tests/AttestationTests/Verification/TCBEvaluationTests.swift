// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Attestation

@Suite("Evaluation of TCB statuses")
struct TCBEvaluationTests {
    /// What a platform's status becomes with an outdated quoting enclave (Intel DCAP, convergence of TCB statuses).
    static let outdated: [TCBStatus: TCBStatus] = [
        .upToDate: .outOfDate, .swHardeningNeeded: .outOfDate, .configurationNeeded: .outOfDateConfigurationNeeded,
        .configurationAndSWHardeningNeeded: .outOfDateConfigurationNeeded, .outOfDate: .outOfDate,
        .outOfDateConfigurationNeeded: .outOfDateConfigurationNeeded, .revoked: .revoked, .tdRelaunchAdvised: .tdRelaunchAdvised,
        .tdRelaunchAdvisedConfigurationNeeded: .tdRelaunchAdvisedConfigurationNeeded,
    ]

    @Test("every status of a platform converges with every status of the quoting enclave", arguments: TCBStatus.allCases)
    func convergence(platform: TCBStatus) {
        #expect(TestEvaluation.make(platform, .upToDate).status == platform)
        #expect(TestEvaluation.make(platform, .revoked).status == .revoked)
        for enclave in TCBStatus.allCases where ![.upToDate, .revoked].contains(enclave) {
            #expect(TestEvaluation.make(platform, enclave).status == Self.outdated[platform])
        }
    }

    @Test("advisories are united in order, none twice")
    func advisories() {
        let evaluation = TestEvaluation.make(.outOfDate, .outOfDate, advisories: (["B", "A", "B"], ["D", "A"], ["C", "D", "A", "C"]))
        #expect(evaluation.advisoryIDs == ["B", "A", "D", "C"])
    }

    @Test("an outdated or revoked quoting enclave decides, in whatever order its levels are written", arguments: [false, true])
    func quotingEnclave(isReversed: Bool) throws {
        func verify(_ own: String) throws -> VerificationOutcome {
            var evidence = TestEvidence()
            let levels = [Self.level(6, "UpToDate"), Self.level(5, own), Self.level(4, "OutOfDate"), Self.level(1, "Revoked")]
            evidence.qeIdentity = try Self.identity(isReversed ? levels.reversed() : levels)
            return try evidence.verify()
        }
        #expect(try verify("UpToDate").verifiedQuote?.tcbStatus == .upToDate)
        let outdated = try #require(try verify("OutOfDate").verifiedQuote)
        #expect(outdated.tcbStatus == .outOfDate)
        #expect(outdated.platformTCBStatus == .upToDate)
        #expect(outdated.qeTCBStatus == .outOfDate)
        let revoked = try verify("Revoked").report
        #expect(revoked.firstFailure?.id == .tcbStatus)
        #expect(revoked.tcbStatus == .revoked)
    }

    @Test("two levels of the quoting enclave with the same version are refused")
    func duplicateLevels() throws {
        var evidence = TestEvidence()
        evidence.qeIdentity = try Self.identity([Self.level(5, "UpToDate"), Self.level(5, "OutOfDate")])
        #expect(try evidence.verify().report.firstFailure?.id == .qeIdentityContent)
    }

    private static func level(_ isvSVN: Int, _ status: String) -> String {
        "{\"tcb\":{\"isvsvn\":\(isvSVN)},\"tcbDate\":\"2029-01-01T00:00:00Z\",\"tcbStatus\":\"\(status)\"}"
    }

    private static func identity(_ levels: [String]) throws -> String {
        let start = try #require(TestEvidence.qeIdentityBody.range(of: "\"tcbLevels\""))
        return TestEvidence.qeIdentityBody[..<start.lowerBound] + "\"tcbLevels\":[\(levels.joined(separator: ","))]}"
    }
}
