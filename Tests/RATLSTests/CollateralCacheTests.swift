// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import RATLS
import SimulatedTEE
import Synchronization
import Testing

@Suite("The collateral cache")
struct CollateralCacheTests {
    /// A service that counts, and can be switched off; its collateral is made for the clock's time.
    private final class Service: Sendable {
        struct Down: Error {}
        private struct State {
            var now = Samples.time
            var count = 0
            var isDown = false
        }
        private let state = Mutex(State())
        let faults: Set<SimulatedFault>

        init(faults: Set<SimulatedFault> = []) { self.faults = faults }

        var count: Int { self.state.withLock { $0.count } }
        var now: Date { self.state.withLock { $0.now } }
        func advance(_ seconds: TimeInterval) { self.state.withLock { $0.now += seconds } }
        func switchOff(_ isDown: Bool) { self.state.withLock { $0.isDown = isDown } }

        func fetch() throws -> Collateral {
            let (now, isDown) = self.state.withLock { state in
                state.count += 1
                return (state.now, state.isDown)
            }
            if isDown { throw Down() }
            return try Samples.platform.collateral(at: now, faults: self.faults)
        }
    }

    private static func cache(_ service: Service, platforms: Int = 64) -> CollateralCache {
        var limits = CollateralCache.Limits()
        limits.platforms = platforms
        return CollateralCache(limits: limits, clock: { service.now }, fetch: { _ in try service.fetch() })
    }

    private static func key(_ number: UInt8 = 0) throws -> CollateralKey {
        CollateralKey(tee: .sgx, fmspc: try #require(FMSPC([0, 0, 0, 0, 0, number])), certificateAuthority: .platform)
    }

    @Test("asks once an hour, answers the same in between, and makes nobody wait for the refresh")
    func once() async throws {
        let service = Service()
        let cache = Self.cache(service)
        let first = try await cache.collateral(for: Self.key())
        service.advance(3599)
        #expect(try await cache.collateral(for: Self.key()) == first)
        await cache.quiesce()
        #expect(service.count == 1)
        service.advance(1)
        #expect(try await cache.collateral(for: Self.key()) == first)
        await cache.quiesce()
        #expect(service.count == 2)
        let second = try await cache.collateral(for: Self.key())
        #expect(second != first)
        #expect(service.count == 2)
    }

    @Test("asks once for many who ask at the same time")
    func singleFlight() async throws {
        let service = Service()
        let cache = Self.cache(service)
        let key = try Self.key()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await cache.collateral(for: key) } }
            try await group.waitForAll()
        }
        #expect(service.count == 1)
    }

    @Test("goes on with what is valid when the service fails, and lets it rest a minute, but never past the end")
    func failing() async throws {
        let service = Service()
        let cache = Self.cache(service)
        let key = try Self.key()
        let first = try await cache.collateral(for: key)
        service.switchOff(true)
        service.advance(3600)
        for count in [2, 2] {
            #expect(try await cache.collateral(for: key) == first)
            await cache.quiesce()
            #expect(service.count == count)
        }
        service.advance(60)
        #expect(try await cache.collateral(for: key) == first)
        await cache.quiesce()
        #expect(service.count == 3)
        let expiration = try #require(first.claimedExpiration)
        service.advance(expiration.timeIntervalSince(service.now))
        #expect(try await cache.collateral(for: key) == first)
        await cache.quiesce()
        service.advance(1)
        await #expect(throws: Service.Down.self) { try await cache.collateral(for: key) }
    }

    @Test("remembers a failure for seconds, so that many who ask are not many requests")
    func failureMemory() async throws {
        let service = Service()
        let cache = Self.cache(service)
        service.switchOff(true)
        for _ in 0..<3 { await #expect(throws: Service.Down.self) { try await cache.collateral(for: Self.key()) } }
        #expect(service.count == 1)
        service.advance(5)
        await #expect(throws: Service.Down.self) { try await cache.collateral(for: Self.key()) }
        #expect(service.count == 2)
        service.switchOff(false)
        service.advance(5)
        _ = try await cache.collateral(for: Self.key())
    }

    @Test("never gives up what is valid for what is older, expired or broken", arguments: [-3 * 86400, -400 * 86400, nil] as [TimeInterval?])
    func older(age: TimeInterval?) async throws {
        let now = Mutex(Samples.time)
        let isBad = Mutex(false)
        let good = try Samples.platform.collateral(at: Samples.time)
        let bad = try age.map { try Samples.platform.collateral(at: Samples.time.addingTimeInterval($0)) } ?? .none
        let cache = CollateralCache(clock: { now.withLock { $0 } }, fetch: { _ in isBad.withLock { $0 } ? bad : good })
        _ = try await cache.collateral(for: Self.key())
        isBad.withLock { $0 = true }
        for _ in 0..<3 {
            now.withLock { $0 += 3600 }
            #expect(try await cache.collateral(for: Self.key()) == good)
            await cache.quiesce()
        }
    }

    @Test("has no more requests under way than its limit, whatever platforms are named")
    func concurrentRequests() async throws {
        var limits = CollateralCache.Limits()
        limits.requests = 2
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let cache = CollateralCache(
            limits: limits, clock: { Samples.time },
            fetch: { _ in
                start.yield()
                for await _ in gate {}
                return try Samples.platform.collateral(at: Samples.time)
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number: UInt8 in [1, 2] { group.addTask { _ = try await cache.collateral(for: Self.key(number)) } }
            var arrivals = started.makeAsyncIterator()
            _ = await (arrivals.next(), arrivals.next())
            let error = await #expect(throws: RATLSError.self) { try await cache.collateral(for: Self.key(3)) }
            #expect(error?.code == .collateralUnavailable)
            open.finish()
            try await group.waitForAll()
        }
        _ = try await cache.collateral(for: Self.key(3))
    }

    @Test("keeps nothing that has expired already")
    func expired() async throws {
        let service = Service(faults: [.expiredTCBInfo])
        let cache = Self.cache(service)
        _ = try await cache.collateral(for: Self.key())
        _ = try await cache.collateral(for: Self.key())
        #expect(service.count == 2)
        service.switchOff(true)
        await #expect(throws: Service.Down.self) { try await cache.collateral(for: Self.key()) }
        service.switchOff(false)
        service.advance(5)
        _ = try await cache.collateral(for: Self.key())
    }

    @Test("keeps no more platforms than its limit, and forgets the one used longest ago")
    func bounded() async throws {
        let service = Service()
        let cache = Self.cache(service, platforms: 2)
        for number: UInt8 in [1, 2, 1, 3] {
            _ = try await cache.collateral(for: Self.key(number))
            service.advance(1)
        }
        #expect(service.count == 3)
        _ = try await cache.collateral(for: Self.key(1))
        #expect(service.count == 3)
        _ = try await cache.collateral(for: Self.key(2))
        #expect(service.count == 4)
    }
}
