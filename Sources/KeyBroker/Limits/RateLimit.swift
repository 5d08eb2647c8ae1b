// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many connections strangers may open: so many a second from one address, and so many altogether (token buckets).
///
/// Nothing is known about a peer when it connects but where it comes from. IPv6 addresses count by their /64 network, for a host has all
/// of one. Memory is bounded: when too many addresses are known, those that have their whole allowance again are forgotten, then all.
public final class RateLimit: Sendable {
    /// How much is allowed.
    public struct Allowance: Hashable, Sendable {
        /// In the long run.
        public var perSecond: Double
        /// At once, after a quiet time.
        public var burst: Double

        /// An allowance.
        public init(perSecond: Double, burst: Double) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    /// Most addresses that are known at once.
    static let addressLimit = 65536

    private struct Bucket {
        var tokens: Double
        var last: ContinuousClock.Instant

        mutating func take(_ allowance: Allowance, now: ContinuousClock.Instant) -> Bool {
            self.refill(allowance, now: now)
            guard self.tokens >= 1 else { return false }
            self.tokens -= 1
            return true
        }

        mutating func refill(_ allowance: Allowance, now: ContinuousClock.Instant) {
            let elapsed = max(0, (now - self.last) / .seconds(1))
            self.tokens = min(allowance.burst, self.tokens + elapsed * allowance.perSecond)
            self.last = max(now, self.last)
        }
    }

    private struct State {
        var all: Bucket
        var addresses: [[UInt8]: Bucket] = [:]
    }

    private let perAddress: Allowance
    private let global: Allowance
    private let state: Mutex<State>

    /// Sets limits.
    public init(perAddress: Allowance, global: Allowance, now: ContinuousClock.Instant = .now) {
        self.perAddress = perAddress
        self.global = global
        self.state = Mutex(State(all: Bucket(tokens: global.burst, last: now)))
    }

    /// Whether one more connection from there is taken.
    ///
    /// An address beyond its own allowance takes nothing from the others'.
    package func admit(_ address: SocketAddress?, now: ContinuousClock.Instant = .now) -> Bool {
        let network = Self.network(of: address)
        return self.state.withLock { state in
            if state.addresses[network] == nil, state.addresses.count >= Self.addressLimit { self.forget(&state, now: now) }
            var bucket = state.addresses[network] ?? Bucket(tokens: self.perAddress.burst, last: now)
            defer { state.addresses[network] = bucket }
            return bucket.take(self.perAddress, now: now) && state.all.take(self.global, now: now)
        }
    }

    /// Number of addresses that are known.
    package var knownAddresses: Int { self.state.withLock { $0.addresses.count } }

    private func forget(_ state: inout State, now: ContinuousClock.Instant) {
        state.addresses = state.addresses.filter { _, bucket in
            var bucket = bucket
            bucket.refill(self.perAddress, now: now)
            return bucket.tokens < self.perAddress.burst
        }
        if state.addresses.count >= Self.addressLimit { state.addresses.removeAll(keepingCapacity: true) }
    }

    private static func network(of address: SocketAddress?) -> [UInt8] {
        guard let text = address?.ipAddress else { return [] }
        var bytes = [UInt8](repeating: 0, count: 16)
        // Sound: the text is lent as a terminated string, and 4 or 16 bytes are written, of 16.
        if unsafe inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return [] }
        // An IPv4 address that a dual-stack socket shows as an IPv6 one.
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        return Array(isMapped ? bytes.suffix(4) : bytes.prefix(8))
    }
}
