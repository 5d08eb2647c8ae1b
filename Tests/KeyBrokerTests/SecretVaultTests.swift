// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import GRDB
import KeyBroker
import SecretProvisioning
import TestSupport
import Testing

@Suite("Secrets in a store")
struct SecretVaultTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private static func store() throws -> (ScratchFolder, BrokerStore) {
        let folder = try ScratchFolder()
        return (folder, try RunningBroker.store(in: folder))
    }

    private static func states(_ store: BrokerStore, at time: Date) async throws -> [SecretVault.Version.State] {
        try await store.secrets.list("k", at: time).map(\.state)
    }

    @Test("have versions; the one before stays for its overlap window")
    func rotation() async throws {
        let (folder, store) = try Self.store()
        defer { withExtendedLifetime(folder) {} }
        try store.secrets.put("k", [UInt8](0..<16).span, at: Self.start)
        #expect(try await Self.states(store, at: Self.start) == [.current])
        let second = try store.secrets.rotate("k", [UInt8](16..<32).span, overlap: .seconds(60), at: Self.start)
        #expect(second == 2)
        #expect(try await Self.states(store, at: Self.start.addingTimeInterval(59)) == [.overlapping, .current])
        #expect(try await Self.states(store, at: Self.start.addingTimeInterval(60)) == [.retired, .current])
        let third = try store.secrets.rotate("k", [UInt8](32..<48).span, overlap: .zero, at: Self.start)
        #expect(third == 3)
        #expect(try await Self.states(store, at: Self.start) == [.overlapping, .retired, .current])
        try store.secrets.revoke("k", version: 1, at: Self.start)
        #expect(try await Self.states(store, at: Self.start) == [.revoked, .retired, .current])
        try store.secrets.delete("k", at: Self.start)
        #expect(try await Self.states(store, at: Self.start).isEmpty)
        let events = try await AuditArchive(path: folder.file("store/broker.sqlite")).list(limit: 10).compactMap { $0.event?.event }
        #expect(events == ["secret-deleted", "secret-revoked", "secret-rotated", "secret-rotated", "secret-put"])
    }

    @Test("that are rotated by several at once get a number each")
    func concurrentRotation() async throws {
        let (folder, store) = try Self.store()
        let other = try BrokerStore(
            path: folder.file("store/broker.sqlite"), masterKey: .file(folder.file("keys/master-key")), for: .administration)
        try store.secrets.put("k", [UInt8](0..<16).span, at: Self.start)
        let versions = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<16 {
                let vault = number % 2 == 0 ? store.secrets : other.secrets
                let secret = (0..<16).map { UInt8(number + 1) &* 7 &+ $0 }
                group.addTask { try vault.rotate("k", secret.span, overlap: .seconds(60), at: Self.start) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(versions.sorted() == Array(2...17))
        #expect(try await Self.states(store, at: Self.start).count { $0 == .current } == 1)
    }

    @Test("are nowhere in the store's files, nor in its log")
    func encrypted() async throws {
        let (folder, store) = try Self.store()
        let secret = Array("a secret that is easily found in files".utf8)
        try store.secrets.put("k", secret.span, at: Self.start)
        for name in folder.contents where name.hasPrefix("store/") {
            let bytes = try? Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
            #expect(bytes?.range(of: Data(secret)) == nil, "\(name)")
            #expect(bytes?.range(of: Data(secret.hexString.utf8)) == nil, "\(name)")
        }
    }

    @Test("that cannot be meant are refused, each for its reason")
    func refused() throws {
        let (folder, store) = try Self.store()
        defer { withExtendedLifetime(folder) {} }
        func code(_ body: () throws -> Void) -> KeyBrokerError.Code? {
            do { try body() } catch { return (error as? KeyBrokerError)?.code }
            return nil
        }
        let key = [UInt8](0..<16)
        #expect(code { try store.secrets.put("k", key.span, at: Self.start) } == nil)
        #expect(code { try store.secrets.put("k", key.span, at: Self.start) } == .badRequest)
        #expect(code { try store.secrets.put("a b", key.span, at: Self.start) } == .badRequest)
        #expect(code { try store.secrets.put("", key.span, at: Self.start) } == .badRequest)
        #expect(code { try store.secrets.put("e", [UInt8]().span, at: Self.start) } == .badSecret)
        #expect(code { _ = try store.secrets.rotate("other", key.span, overlap: .zero, at: Self.start) } == .noSecret)
        #expect(code { try store.secrets.revoke("k", version: 2, at: Self.start) } == .noSecret)
        #expect(code { try store.secrets.delete("other", at: Self.start) } == .noSecret)
    }

    @Test(
        "that were published are refused",
        arguments: [
            // Gramine's examples; and the two files of CC Zoo's recipe, with zeros where their bytes are not known.
            "ffeeddccbbaa99887766554433221100", "00112233445566778899aabbccddeeff", "dd00007c52359b00c4e50082b97dd7fe",
            "7b000000007878b8eae34e3581000000",
        ])
    func published(hex: String) throws {
        let (folder, store) = try Self.store()
        defer { withExtendedLifetime(folder) {} }
        let key = try #require([UInt8](hex: hex))
        let error = #expect(throws: KeyBrokerError.self) { try store.secrets.put("k", key.span, at: Self.start) }
        #expect(error?.code == .publishedKey)
        var other = key
        other[5] ^= 1
        try store.secrets.put("k", other.span, at: Self.start)
    }

    @Test("stay closed when somebody exchanges them, or is not their store's")
    func exchanged() async throws {
        var options = RunningBroker.Options()
        options.storedSecret = true
        try await RunningBroker.with(options) { broker in
            try broker.store.secrets.put("other", [UInt8](repeating: 9, count: 16).span, at: Date())
            try await DatabaseQueue(path: broker.folder.file("store/broker.sqlite")).write { db in
                try db.execute(sql: "UPDATE secret_version SET sealed = (SELECT sealed FROM secret_version WHERE secret_id = 2) WHERE secret_id = 1")
            }
            await #expect(throws: (any Error).self) { try await broker.ask() }
            #expect(await broker.log.next()?.failedCheck == .secretAvailable)
        }
    }

    @Test("are released from the store, until they are revoked")
    func released() async throws {
        var options = RunningBroker.Options()
        options.storedSecret = true
        try await RunningBroker.with(options) { broker in
            #expect(try await broker.ask() == RunningBroker.secret)
            #expect(await broker.log.next()?.secretVersion == 1)
            _ = try broker.store.secrets.rotate("wrap-key", [UInt8](0..<16).span, overlap: .seconds(3600), at: Date())
            #expect(try await broker.ask() == Array(0..<16))
            #expect(await broker.log.next()?.secretVersion == 2)
            let both = try await broker.askByChallenge()
            #expect(both.map(\.version) == [2, 1])
            #expect(both.last?.bytes.withBytes { [UInt8](copying: $0) } == RunningBroker.secret)
            try broker.store.secrets.revoke("wrap-key", version: nil, at: Date())
            await #expect(throws: (any Error).self) { try await broker.ask() }
            await #expect(throws: (any Error).self) { try await broker.askByChallenge() }
            let records = try await broker.archive.list(limit: 2)
            #expect(records.map(\.failedCheck) == ["secret.available", "secret.available"])
        }
    }
}
