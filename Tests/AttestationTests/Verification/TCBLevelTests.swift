// SPDX-License-Identifier: Apache-2.0

import Attestation
import Testing

@Suite("TCB levels")
struct TCBLevelTests {
    static let mine = TestSGXExtension.components

    private static func verify(_ levels: [String]) throws -> VerificationOutcome {
        var evidence = TestEvidence()
        evidence.tcbInfo = TestTCBInfo(levels: levels).body
        return try evidence.verify()
    }

    private static func components(_ index: Int, _ difference: Int) -> [UInt8] {
        var components = self.mine
        components[index] = UInt8(Int(components[index]) + difference)
        return components
    }

    @Test("the highest level that is reached counts, in whatever order they are written")
    func order() throws {
        let levels = [
            TestTCBInfo.level(Self.components(0, -2), 5, "OutOfDate"),
            TestTCBInfo.level(Self.components(0, 1), 13, "UpToDate"),
            TestTCBInfo.level(Self.mine, 13, "SWHardeningNeeded", advisories: ["INTEL-SA-00615", "INTEL-SA-00289"]),
            TestTCBInfo.level(Self.mine, 12, "Revoked"),
        ]
        for levels in [levels, levels.reversed()] {
            let verified = try #require(try Self.verify(levels).verifiedQuote)
            #expect(verified.tcbStatus == .swHardeningNeeded)
            #expect(verified.advisoryIDs == ["INTEL-SA-00615", "INTEL-SA-00289"])
        }
    }

    @Test("each component and the PCESVN must be reached", arguments: 0...16)
    func eachComponent(index: Int) throws {
        let above = index < 16 ? TestTCBInfo.level(Self.components(index, 1), 13, "UpToDate") : TestTCBInfo.level(Self.mine, 14, "UpToDate")
        #expect(try Self.verify([above]).report.firstFailure?.id == .tcbLevel)
        let low = TestTCBInfo.level([UInt8](repeating: 0, count: 16), 0, "OutOfDate")
        #expect(try Self.verify([above, low]).verifiedQuote?.tcbStatus == .outOfDate)
    }

    @Test("two levels with the same versions are refused")
    func duplicates() throws {
        let levels = [TestTCBInfo.level(Self.mine, 13, "UpToDate"), TestTCBInfo.level(Self.mine, 13, "OutOfDate")]
        #expect(try Self.verify(levels).report.firstFailure?.id == .tcbInfoContent)
    }

    @Test("a revoked level is refused with its status")
    func revoked() throws {
        let report = try Self.verify([TestTCBInfo.level(Self.mine, 13, "Revoked")]).report
        #expect(report.firstFailure?.id == .tcbStatus)
        #expect(report.tcbStatus == .revoked)
        #expect(report.advisoryIDs == ["INTEL-SA-00001"])
    }
}
