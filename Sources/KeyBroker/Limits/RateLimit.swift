// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import Synchronization

/// How many connections strangers may open: so many a second from one address, and so many altogether (token buckets).
///
/// Nothing is known about a peer when it connects but where it comes from: its IPv4 address, or its /64 network of IPv6. Memory is bounded: when
/// too many addresses are known, those that have their whole allowance again are forgotten, then all.
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
        var addresses: [PeerNetwork: Bucket] = [:]
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
        let network = PeerNetwork(of: address)
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
}
