// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// PCK chains of platforms whose quotes name them without carrying the chain (certification data types 1 to 3).
///
/// Anybody can name a platform in a quote of their own making, so what that may cost is bounded: the requests under way, the answers kept,
/// and how soon the same platform is asked for again.
actor PCKChainCache {
    /// A platform as quotes name it.
    private struct Platform: Hashable {
        let qeIdentifier: [UInt8]
        let identification: [UInt8]

        init(_ quote: Quote) {
            self.qeIdentifier = quote.header.qeIdentifier.bytes
            self.identification = quote.certificationData.content
        }
    }

    private struct Answer {
        let chain: Result<[UInt8], any Error>
        let until: Date
    }

    private let limits: CollateralCache.Limits
    private let clock: @Sendable () -> Date
    private let fetch: @Sendable (Quote) async throws -> [UInt8]
    private var answers: [Platform: Answer] = [:]
    /// Requests under way.
    ///
    /// Each task removes itself, so the cache owns it for as long as it runs.
    private var requests: [Platform: Task<[UInt8], any Error>] = [:]

    init(limits: CollateralCache.Limits, clock: @escaping @Sendable () -> Date, fetch: @escaping @Sendable (Quote) async throws -> [UInt8]) {
        self.limits = limits
        self.clock = clock
        self.fetch = fetch
    }

    /// The chain, from memory where that is possible.
    func chain(for quote: Quote) async throws -> [UInt8] {
        let platform = Platform(quote)
        if let answer = self.answers[platform], self.clock() < answer.until { return try answer.chain.get() }
        if let running = self.requests[platform] { return try await running.value }
        guard self.requests.count < self.limits.requests else {
            throw RATLSError(
                .collateralUnavailable, "\(self.requests.count) platforms' PCK certificates are being fetched already",
                remedy: "try again; if it persists, the collateral service is too slow, or somebody makes up platforms")
        }
        let task = Task {
            defer { self.requests[platform] = nil }
            do {
                let chain = try await self.fetch(quote)
                self.keep(.success(chain), for: platform, self.limits.refreshAge)
                return chain
            } catch {
                self.keep(.failure(error), for: platform, self.limits.failureAge)
                throw error
            }
        }
        self.requests[platform] = task
        return try await task.value
    }

    private func keep(_ chain: Result<[UInt8], any Error>, for platform: Platform, _ age: TimeInterval) {
        let now = self.clock()
        if self.answers.count >= self.limits.platforms { self.answers = self.answers.filter { now < $0.value.until } }
        if self.answers.count >= self.limits.platforms, let first = self.answers.min(by: { $0.value.until < $1.value.until }) {
            self.answers[first.key] = nil
        }
        self.answers[platform] = Answer(chain: chain, until: now.addingTimeInterval(age))
    }
}
