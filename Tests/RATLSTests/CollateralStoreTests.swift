// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import RATLS
import SimulatedTEE
import Synchronization
import TestSupport
import Testing

@Suite("The collateral cache on disk")
struct CollateralStoreTests {
    struct Down: Error {}

    private static let key = CollateralKey(tee: .sgx, fmspc: Samples.platform.fmspc, certificateAuthority: .platform)
    private static let file = "sgx-\(Samples.platform.fmspc)-platform.json"

    private static func entry(at time: Date = Samples.time) throws -> CollateralEntry {
        CollateralEntry(key: Self.key, collateral: try Samples.platform.collateral(at: time), fetchedAt: time, source: "test")
    }

    /// A cache over `folder` whose service fails, as of a time.
    private static func brokenCache(_ folder: ScratchFolder, at time: Date) throws -> CollateralCache {
        CollateralCache(store: try CollateralStore(directory: folder.path), clock: { time }, fetch: { _ in throw Down() })
    }

    @Test("keeps raw bytes from one process to the next, and asks for nothing while they are young")
    func persistence() async throws {
        let folder = try ScratchFolder()
        let store = try CollateralStore(directory: folder.file("new/cache"))
        let collateral = try Self.entry().collateral
        let first = CollateralCache(store: store, source: "test", clock: { Samples.time }, fetch: { _ in collateral })
        #expect(try await first.collateral(for: Self.key) == collateral)
        await first.quiesce()
        #expect(folder.contents == ["new", "new/cache", "new/cache/\(Self.file)"])

        let asked = Mutex(0)
        let second = CollateralCache(
            store: store, clock: { Samples.time.addingTimeInterval(3599) },
            fetch: { _ in
                asked.withLock { $0 += 1 }
                throw Down()
            })
        #expect(try await second.collateral(for: Self.key) == collateral)
        await second.quiesce()
        #expect(asked.withLock { $0 } == 0)
    }

    @Test("hands out what is old but valid, and asks for newer in the background")
    func refresh() async throws {
        let folder = try ScratchFolder()
        let store = try CollateralStore(directory: folder.path)
        let old = try Self.entry()
        try await store.save(old)
        let later = Samples.time.addingTimeInterval(86400)
        let new = try Samples.platform.collateral(at: later)
        let cache = CollateralCache(store: store, source: "service", clock: { later }, fetch: { _ in new })
        #expect(try await cache.collateral(for: Self.key) == old.collateral)
        await cache.quiesce()
        #expect(try await cache.collateral(for: Self.key) == new)
        #expect(await store.load(Self.key) == CollateralEntry(key: Self.key, collateral: new, fetchedAt: later, source: "service"))
    }

    @Test("serves stale collateral up to nextUpdate, and never past it")
    func end() async throws {
        let folder = try ScratchFolder()
        let entry = try Self.entry()
        try await CollateralStore(directory: folder.path).save(entry)
        let end = try #require(entry.collateral.claimedExpiration)
        #expect(try await Self.brokenCache(folder, at: end.addingTimeInterval(-1)).collateral(for: Self.key) == entry.collateral)
        await #expect(throws: Down.self) { try await Self.brokenCache(folder, at: end.addingTimeInterval(1)).collateral(for: Self.key) }
    }

    @Test("takes a damaged file for none, and replaces it", arguments: [0, 1, 1000, -1])
    func damaged(length: Int) async throws {
        let folder = try ScratchFolder()
        let store = try CollateralStore(directory: folder.path)
        let entry = try Self.entry()
        let whole = try CollateralBundle([entry]).encode()
        // What a crash without an atomic write would leave: a file that is cut, or of another platform.
        let other = try CollateralBundle([
            CollateralEntry(
                key: CollateralKey(tee: .tdx, fmspc: Samples.platform.fmspc, certificateAuthority: .platform), collateral: entry.collateral,
                fetchedAt: Samples.time, source: "")
        ]).encode()
        try folder.write(length < 0 ? other : Array(whole.prefix(length)), to: Self.file)
        #expect(await store.load(Self.key) == nil)
        await #expect(throws: Down.self) { try await Self.brokenCache(folder, at: Samples.time).collateral(for: Self.key) }
        let cache = CollateralCache(store: store, clock: { Samples.time }, fetch: { _ in entry.collateral })
        _ = try await cache.collateral(for: Self.key)
        await cache.quiesce()
        #expect(await store.load(Self.key)?.collateral == entry.collateral)
    }

    @Test("does not see what a killed process left half written")
    func leftovers() async throws {
        let folder = try ScratchFolder()
        try folder.write([0x7b], to: ".\(Self.file).4711.1.partial")
        try folder.write([0x7b], to: ".hidden.json")
        let store = try CollateralStore(directory: folder.path)
        #expect(await store.loadAll().entries.isEmpty)
        let entry = try Self.entry()
        try await store.save(entry)
        #expect(await store.loadAll().entries == [entry])
    }

    @Test("finds what somebody else put there when the service fails")
    func imported() async throws {
        let folder = try ScratchFolder()
        let cache = try Self.brokenCache(folder, at: Samples.time)
        await #expect(throws: Down.self) { try await cache.collateral(for: Self.key) }
        let entry = try Self.entry()
        try await CollateralStore(directory: folder.path).save(entry)
        #expect(try await cache.collateral(for: Self.key) == entry.collateral)
    }

    @Test("works without any service, and says what to do when it is empty")
    func offline() async throws {
        let folder = try ScratchFolder()
        let store = try CollateralStore(directory: folder.path)
        let cache = CollateralCache(offline: store, clock: { Samples.time })
        let error = await #expect(throws: RATLSError.self) { try await cache.collateral(for: Self.key) }
        #expect(error?.code == .collateralUnavailable)
        #expect(error?.remedy?.contains("collateral import") == true)
        let entry = try Self.entry()
        try await store.save(entry)
        #expect(try await CollateralCache(offline: store, clock: { Samples.time }).collateral(for: Self.key) == entry.collateral)
    }

    @Test("goes on in memory when the folder cannot be written, and says so")
    func unwritable() async throws {
        let folder = try ScratchFolder()
        let store = try CollateralStore(directory: folder.file("cache"))
        try FileManager.default.removeItem(atPath: folder.file("cache"))
        let failures = Mutex(0)
        let entry = try Self.entry()
        let cache = CollateralCache(
            store: store, clock: { Samples.time }, onStoreFailure: { _ in failures.withLock { $0 += 1 } }, fetch: { _ in entry.collateral })
        for _ in 0..<2 { #expect(try await cache.collateral(for: Self.key) == entry.collateral) }
        await cache.quiesce()
        #expect(failures.withLock { $0 } == 1)
    }

    @Test("refuses a folder that is none")
    func noFolder() throws {
        let folder = try ScratchFolder()
        let file = try folder.write([1], to: "file")
        let error = #expect(throws: RATLSError.self) { try CollateralStore(directory: file) }
        #expect(error?.code == .badCache)
    }

    @Test("is bounded")
    func bounded() async throws {
        let folder = try ScratchFolder()
        for number in 0..<CollateralStore.maximumEntries { try folder.write([], to: "\(number).json") }
        let store = try CollateralStore(directory: folder.path)
        let entry = try Self.entry()
        let error = await #expect(throws: RATLSError.self) { try await store.save(entry) }
        #expect(error?.code == .badCache)
    }
}
