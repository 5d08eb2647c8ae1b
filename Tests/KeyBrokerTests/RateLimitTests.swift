// SPDX-License-Identifier: Apache-2.0

import KeyBroker
import NIOCore
import Testing

@Suite("A rate limit")
struct RateLimitTests {
    private static func address(_ text: String) throws -> SocketAddress { try SocketAddress(ipAddress: text, port: 1) }

    @Test("gives each address its burst, and more as time passes")
    func burst() throws {
        let start = ContinuousClock.now
        let limit = RateLimit(perAddress: .init(perSecond: 2, burst: 3), global: .init(perSecond: 100, burst: 100), now: start)
        let one = try Self.address("192.0.2.1")
        let other = try Self.address("192.0.2.2")
        #expect((0..<5).map { _ in limit.admit(one, now: start) } == [true, true, true, false, false])
        #expect(limit.admit(other, now: start))
        #expect(limit.admit(one, now: start.advanced(by: .milliseconds(500))))
        #expect(!limit.admit(one, now: start.advanced(by: .milliseconds(500))))
        // A clock that goes back gives nothing.
        #expect(!limit.admit(one, now: start))
    }

    @Test("counts IPv6 addresses by their network, and mapped ones as IPv4")
    func networks() throws {
        let start = ContinuousClock.now
        let limit = RateLimit(perAddress: .init(perSecond: 1, burst: 1), global: .init(perSecond: 100, burst: 100), now: start)
        #expect(limit.admit(try Self.address("2001:db8::1"), now: start))
        #expect(!limit.admit(try Self.address("2001:db8::ffff:2"), now: start))
        #expect(limit.admit(try Self.address("2001:db8:0:1::1"), now: start))
        #expect(limit.admit(try Self.address("192.0.2.1"), now: start))
        #expect(!limit.admit(try Self.address("::ffff:192.0.2.1"), now: start))
    }

    @Test("holds for all together, whatever each may")
    func global() throws {
        let start = ContinuousClock.now
        let limit = RateLimit(perAddress: .init(perSecond: 1, burst: 1), global: .init(perSecond: 1, burst: 2), now: start)
        let taken = try (1...4).map { limit.admit(try Self.address("192.0.2.\($0)"), now: start) }
        #expect(taken == [true, true, false, false])
    }

    @Test("knows a bounded number of addresses")
    func bounded() throws {
        let start = ContinuousClock.now
        let limit = RateLimit(perAddress: .init(perSecond: 1, burst: 2), global: .init(perSecond: 1e9, burst: 1e9), now: start)
        for number in 0..<70_000 {
            _ = limit.admit(try Self.address("10.\(number >> 16).\(number >> 8 & 255).\(number & 255)"), now: start)
        }
        #expect(limit.knownAddresses <= 65536)
    }
}
