// SPDX-License-Identifier: Apache-2.0

public import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Keeps the collateral of recently seen platforms in memory, so that a collateral service is asked once an hour and not once a connection.
///
/// Nothing is handed out past the time at which it would fail verification as expired. What is valid is handed out at once, and refreshed
/// in the background when it is old. At most one request a platform is under way; others wait for its answer. A service that has failed
/// is left alone for a while, and what it sends never takes the place of something that is valid longer.
///
/// With a ``CollateralStore`` what is kept outlives the process, and what others put into the folder is found when the service fails.
public actor CollateralCache: CollateralSource {
    /// How long and how much is kept.
    public struct Limits: Hashable, Sendable {
        /// Age from which a newer version is asked for: a TCB recovery is noticed after that long.
        public var refreshAge: TimeInterval = 3600
        /// How long before its end collateral is asked for anew.
        public var refreshAhead: TimeInterval = 86400
        /// How long the service is left alone after a failure while what is kept is still valid.
        public var retryAfter: TimeInterval = 60
        /// How long a failure is the answer to those who ask for the same platform, when nothing valid is kept.
        public var failureAge: TimeInterval = 5
        /// Number of platforms that are kept; the one used longest ago goes first.
        public var platforms = 64
        /// Number of requests that are under way at once.
        public var requests = 16

        /// The defaults.
        public init() {}
    }

    private struct Entry {
        let collateral: Collateral
        let expiration: Date
        var refreshAt: Date
        var lastUse: Date
    }

    private struct Failure {
        let error: any Error
        let until: Date
    }

    private let fetch: @Sendable (CollateralKey) async throws -> Collateral
    private let pckChains: PCKChainCache?
    private let store: CollateralStore?
    private let source: String
    private let onStoreFailure: @Sendable (any Error) -> Void
    private let clock: @Sendable () -> Date
    private let limits: Limits
    private var entries: [CollateralKey: Entry] = [:]
    private var failures: [CollateralKey: Failure] = [:]
    /// Requests under way.
    ///
    /// Each task removes itself, so the cache owns it for as long as it runs.
    private var requests: [CollateralKey: Task<Collateral, any Error>] = [:]

    /// Puts a cache in front of a collateral service.
    ///
    /// - Parameters:
    ///   - limits: how long and how much is kept.
    ///   - store: where it is kept beyond the life of this process.
    ///   - source: what the service is called in the store.
    ///   - clock: what time it is.
    ///   - onStoreFailure: told when the store cannot be written; the cache goes on in memory.
    ///   - fetchPCKChain: asks the service for the PCK chain of a quote that names its platform without carrying one; without it such quotes are
    ///     refused.
    ///   - fetch: asks the service.
    public init(
        limits: Limits = Limits(), store: CollateralStore? = nil, source: String = "", clock: @escaping @Sendable () -> Date = { Date() },
        onStoreFailure: @escaping @Sendable (any Error) -> Void = { _ in }, fetchPCKChain: (@Sendable (Quote) async throws -> [UInt8])? = nil,
        fetch: @escaping @Sendable (CollateralKey) async throws -> Collateral
    ) {
        self.limits = limits
        self.pckChains = fetchPCKChain.map { PCKChainCache(limits: limits, clock: clock, fetch: $0) }
        self.store = store
        self.source = source
        self.clock = clock
        self.onStoreFailure = onStoreFailure
        self.fetch = fetch
    }

    /// Puts a cache in front of a PCS or PCCS.
    public init(
        _ client: PCCSClient, limits: Limits = Limits(), store: CollateralStore? = nil, clock: @escaping @Sendable () -> Date = { Date() },
        onStoreFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.init(
            limits: limits, store: store, source: client.address.base, clock: clock, onStoreFailure: onStoreFailure,
            fetchPCKChain: { try await client.pckCertificateChain(for: $0) }, fetch: { try await client.collateral(for: $0) })
    }

    /// Reads a store that others fill, on a machine without a way to a service.
    ///
    /// What is new in it is looked for once a minute.
    public init(offline store: CollateralStore, limits: Limits = Limits(), clock: @escaping @Sendable () -> Date = { Date() }) {
        self.init(limits: limits, store: store, clock: clock) { key in
            throw RATLSError(
                .collateralUnavailable, "\(store.directory) holds no valid collateral for \(key)",
                remedy: "on a machine with network, `sealwright collateral fetch` and `export`; here, `sealwright collateral import`")
        }
    }

    /// Collateral for a quote's platform, from memory where that is possible.
    ///
    /// Quotes that do not carry their whole PCK chain get it with the collateral.
    ///
    /// - Throws: what the service's client throws, when nothing valid is kept either.
    public func collateral(for quote: Quote) async throws -> Collateral {
        switch quote.certificationData.kind {
        case .plainPPID, .ppidRSA2048, .ppidRSA3072:
            guard let pckChains = self.pckChains else { return try await self.collateral(for: CollateralKey(quote: quote)) }
            let chain = try await pckChains.chain(for: quote)
            return try await self.collateral(for: CollateralKey(tee: quote.header.tee, pckChain: chain)).adding(pckChain: chain)
        case .pckCertificate:
            let collateral = try await self.collateral(for: CollateralKey(quote: quote))
            return collateral.adding(pckChain: collateral.pckChain(ofCertificateIn: quote))
        case .pckChain, .platformManifest:
            return try await self.collateral(for: CollateralKey(quote: quote))
        }
    }

    /// Collateral for a model of platform, from memory where that is possible.
    public func collateral(for key: CollateralKey) async throws -> Collateral {
        if self.entries[key] == nil, let stored = await self.store?.load(key) { self.keep(stored) }
        let now = self.clock()
        self.entries[key]?.lastUse = now
        if let kept = self.entries[key], now <= kept.expiration {
            if now >= kept.refreshAt, self.requests.count < self.limits.requests { _ = self.request(key) }
            return kept.collateral
        }
        if let failure = self.failures[key], now < failure.until { throw failure.error }
        guard self.requests[key] != nil || self.requests.count < self.limits.requests else {
            throw RATLSError(
                .collateralUnavailable, "\(self.requests.count) platforms' collateral is being fetched already",
                remedy: "try again; if it persists, the collateral service is too slow")
        }
        return try await self.request(key).value
    }

    /// Waits until no request is under way.
    package func quiesce() async {
        while let task = self.requests.values.first { _ = await task.result }
    }

    /// The request for a platform that is under way, or a new one.
    private func request(_ key: CollateralKey) -> Task<Collateral, any Error> {
        if let running = self.requests[key] { return running }
        let task = Task {
            defer { self.requests[key] = nil }
            do {
                let collateral = try await self.fetch(key)
                let entry = CollateralEntry(key: key, collateral: collateral, fetchedAt: self.clock(), source: self.source)
                if self.keep(entry) { await self.save(entry) }
                return collateral
            } catch {
                // Somebody else may have had more luck, and have left it in the store.
                if let stored = await self.store?.load(key), stored.collateral != self.entries[key]?.collateral, self.keep(stored) {
                    return stored.collateral
                }
                self.note(error, for: key)
                throw error
            }
        }
        self.requests[key] = task
        return task
    }

    private func note(_ error: any Error, for key: CollateralKey) {
        let now = self.clock()
        if let kept = self.entries[key], now <= kept.expiration {
            // Still valid, so the failure is nobody's yet; it is told when the kept collateral ends.
            self.entries[key]?.refreshAt = now.addingTimeInterval(self.limits.retryAfter)
            return
        }
        self.failures = self.failures.filter { now < $0.value.until }
        guard self.failures.count < self.limits.platforms else { return }
        self.failures[key] = Failure(error: error, until: now.addingTimeInterval(self.limits.failureAge))
    }

    private func save(_ entry: CollateralEntry) async {
        guard let store = self.store else { return }
        do { try await store.save(entry) } catch { self.onStoreFailure(error) }
    }

    /// Keeps an entry if it is valid, and longer than what is kept already.
    @discardableResult
    private func keep(_ entry: CollateralEntry) -> Bool {
        let now = self.clock()
        let key = entry.key
        let expiration = entry.collateral.claimedExpiration
        if let kept = self.entries[key], now <= kept.expiration, expiration.map({ $0 < kept.expiration }) ?? true {
            // Older than what is kept, or broken: an old copy of the service's, or somebody in between.
            self.entries[key]?.refreshAt = now.addingTimeInterval(self.limits.retryAfter)
            return false
        }
        guard let expiration, expiration > now else {
            // Not kept: the next asker gets it fresh, and verification says what is wrong with it.
            self.entries[key] = nil
            return false
        }
        self.failures[key] = nil
        if self.entries[key] == nil, self.entries.count >= self.limits.platforms,
            let oldest = self.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            self.entries[oldest.key] = nil
        }
        // A time of the future is a clock's mistake, and must not put the refresh off.
        let aged = min(entry.fetchedAt, now).addingTimeInterval(self.limits.refreshAge)
        let ahead = expiration.addingTimeInterval(-self.limits.refreshAhead)
        // Close to its end collateral is asked for anew again and again, but not with each connection.
        let refreshAt = min(aged, max(ahead, now.addingTimeInterval(self.limits.retryAfter)))
        self.entries[key] = Entry(collateral: entry.collateral, expiration: expiration, refreshAt: refreshAt, lastUse: now)
        return true
    }
}
