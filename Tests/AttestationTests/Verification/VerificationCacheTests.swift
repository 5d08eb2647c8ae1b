// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulatedTEE
import Testing

@testable import Attestation

@Suite("Cached verification")
struct VerificationCacheTests {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    static let platform = Result { try SimulatedPlatform.create(at: time) }

    private static func quote() throws -> [UInt8] { try Self.platform.get().quote(reportData: ReportData(paddingWithZeros: [7])!) }

    private static func verifier() throws -> QuoteVerifier {
        QuoteVerifier(roots: [try Self.platform.get().rootOfTrust], cache: VerificationCache())
    }

    @Test(
        "a platform that was verified is refused once a newer revocation list names it", arguments: [SimulatedFault.revokedPCK, .revokedPCKAuthority])
    func newerRevocationList(fault: SimulatedFault) throws {
        let (verifier, quote, platform) = (try Self.verifier(), try Self.quote(), try Self.platform.get())
        let collateral = try platform.collateral(at: Self.time)
        for _ in 0..<2 { #expect(verifier.verify(encodedQuote: quote, collateral: collateral, at: Self.time).verifiedQuote != nil) }
        let newer = try platform.collateral(at: Self.time, faults: [fault])
        let failure = verifier.verify(encodedQuote: quote, collateral: newer, at: Self.time).report.firstFailure
        #expect(failure?.id == (fault == .revokedPCK ? .pckCRLRevocation : .rootCRLRevocation))
    }

    @Test("a platform that was verified is refused from the second after nextUpdate on")
    func expiry() throws {
        let (verifier, quote) = (try Self.verifier(), try Self.quote())
        let collateral = DecodedCollateral(try Self.platform.get().collateral(at: Self.time))
        let verified = try #require(verifier.verify(encodedQuote: quote, collateral: collateral, at: Self.time).verifiedQuote)
        let end = verified.collateralExpiration
        #expect(verifier.verify(encodedQuote: quote, collateral: collateral, at: end).verifiedQuote != nil)
        let late = verifier.verify(encodedQuote: quote, collateral: collateral, at: end.addingTimeInterval(1))
        #expect(late.report.firstFailure?.id == .rootCRLFreshness)
    }

    @Test("a bad signature is never remembered as good, nor a good one as bad")
    func badSignatures() throws {
        let (verifier, platform) = (try Self.verifier(), try Self.platform.get())
        for faults in [[], [.wrongQEReportSignature], [.wrongTCBInfoSignature], [], [.wrongQEReportSignature]] as [Set<SimulatedFault>] {
            let quote = try platform.quote(reportData: ReportData(paddingWithZeros: [7])!, faults: faults)
            let outcome = verifier.verify(encodedQuote: quote, collateral: try platform.collateral(at: Self.time, faults: faults), at: Self.time)
            #expect((outcome.verifiedQuote != nil) == faults.isEmpty)
        }
    }

    @Test("collateral that differs in one piece, or in where one ends, is other collateral")
    func contentKeys() throws {
        let (verifier, quote, platform) = (try Self.verifier(), try Self.quote(), try Self.platform.get())
        let good = try platform.collateral(at: Self.time)
        #expect(verifier.verify(encodedQuote: quote, collateral: good, at: Self.time).verifiedQuote != nil)
        let pieces: [WritableKeyPath<Collateral, [UInt8]>] = [
            \.tcbInfo, \.tcbInfoIssuerChain, \.qeIdentity, \.qeIdentityIssuerChain, \.pckCRL, \.rootCACRL,
        ]
        for piece in pieces {
            var other = good
            other[keyPath: piece].removeLast()
            other[keyPath: piece].append(0x7e)
            #expect(verifier.verify(encodedQuote: quote, collateral: other, at: Self.time).verifiedQuote == nil)
        }
        var shifted = good
        shifted.pckCRL = []
        shifted.pckCRLIssuerChain = good.pckCRL + good.pckCRLIssuerChain
        #expect(verifier.verify(encodedQuote: quote, collateral: shifted, at: Self.time).report.firstFailure?.id == .pckCRLFormat)
        #expect(verifier.verify(encodedQuote: quote, collateral: good, at: Self.time).verifiedQuote != nil)
    }

    @Test("a dictionary of generations is bounded, and keeps what is used")
    func generations() {
        var generations = Generations<Int, Int>(capacity: 10)
        for number in 0..<1000 {
            generations.insert(number, for: number)
            #expect(generations.value(for: 0) == 0 || number == 0)
            #expect(generations.count <= 20)
            #expect(generations.value(for: number) == number)
        }
        #expect(generations.value(for: 500) == nil)
        var none = Generations<Int, Int>(capacity: 0)
        none.insert(1, for: 1)
        #expect(none.value(for: 1) == nil)
    }
}
