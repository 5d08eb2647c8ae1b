// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import RATLS
import SimulatedTEE
import Synchronization
import Testing

@Suite("PCK chains of quotes that name their platform alone")
struct PCKChainCacheTests {
    private struct Down: Error {}

    /// A service that counts what it is asked for.
    private final class Service: Sendable {
        private struct State {
            var now = Samples.time
            var count = 0
            var isDown = false
        }
        private let state = Mutex(State())

        var count: Int { self.state.withLock { $0.count } }
        func advance(_ seconds: TimeInterval) { self.state.withLock { $0.now += seconds } }
        func switchOff(_ isDown: Bool) { self.state.withLock { $0.isDown = isDown } }

        func cache(platforms: Int = 64) -> CollateralCache {
            var limits = CollateralCache.Limits()
            limits.platforms = platforms
            return CollateralCache(
                limits: limits, clock: { self.state.withLock { $0.now } },
                fetchPCKChain: { _ in
                    let isDown = self.state.withLock { state in
                        state.count += 1
                        return state.isDown
                    }
                    if isDown { throw Down() }
                    return try Samples.platform.pckChain()
                }, fetch: { _ in try Samples.platform.collateral(at: Samples.time) })
        }
    }

    private static func quote(_ kind: CertificationData.Kind, platform: SimulatedPlatform = Samples.platform) throws -> Quote {
        let form = SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 3, certificationData: kind)
        let reportData = try #require(ReportData(paddingWithZeros: [1]))
        let bytes = try platform.quote(reportData: reportData, form: form)
        return try Quote(decoding: bytes.span)
    }

    @Test("are asked for once an hour, also by many at the same time")
    func once() async throws {
        let service = Service()
        let cache = service.cache()
        let quote = try Self.quote(.plainPPID)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let collateral = try await cache.collateral(for: quote)
                    let expected = try Samples.platform.pckChain()
                    #expect(collateral.pckChain == expected)
                }
            }
            try await group.waitForAll()
        }
        #expect(service.count == 1)
        service.advance(3600)
        _ = try await cache.collateral(for: quote)
        #expect(service.count == 2)
    }

    @Test("are not asked for again at once when the service fails")
    func failure() async throws {
        let service = Service()
        let cache = service.cache()
        let quote = try Self.quote(.ppidRSA3072)
        service.switchOff(true)
        for _ in 0..<3 { await #expect(throws: Down.self) { try await cache.collateral(for: quote) } }
        #expect(service.count == 1)
        service.switchOff(false)
        service.advance(6)
        _ = try await cache.collateral(for: quote)
        #expect(service.count == 2)
    }

    @Test("of more platforms than are kept are asked for again, those that were made up first")
    func bounded() async throws {
        let service = Service()
        let cache = service.cache(platforms: 2)
        let known = try Self.quote(.plainPPID)
        _ = try await cache.collateral(for: known)
        service.switchOff(true)
        for _ in 0..<4 {
            let other = try Self.quote(.plainPPID, platform: SimulatedPlatform.create(at: Samples.time))
            await #expect(throws: Down.self) { try await cache.collateral(for: other) }
        }
        #expect(service.count == 5)
        _ = try await cache.collateral(for: known)
        #expect(service.count == 5)
    }

    @Test("are not needed where the quote carries its certificate: the CA's comes with the revocation list")
    func certificate() async throws {
        let service = Service()
        let quote = try Self.quote(.pckCertificate)
        let collateral = try await service.cache().collateral(for: quote)
        let outcome = QuoteVerifier(roots: [Samples.platform.rootOfTrust]).verify(quote, collateral: collateral, at: Samples.time)
        #expect(outcome.report.firstFailure == nil, "\(outcome.report.summary)")
        #expect(service.count == 0)
    }
}
