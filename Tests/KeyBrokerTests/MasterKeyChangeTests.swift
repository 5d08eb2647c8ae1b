// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import GRDB
import KeyBroker
import TestSupport
import Testing

@Suite("Another master key")
struct MasterKeyChangeTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)
    private static let secret = [UInt8](0xa0..<0xb0)

    /// A store with two versions of a secret, one revoked version, and two master keys.
    private static func site() throws -> (folder: ScratchFolder, path: String, old: MasterKey.Source, new: MasterKey.Source) {
        let folder = try ScratchFolder()
        try folder.write([], to: "store/.made")
        try folder.write([UInt8](0..<32), to: "keys/old")
        try folder.write([UInt8](1..<33), to: "keys/new")
        let (path, old) = (folder.file("store/s"), MasterKey.Source.file(folder.file("keys/old")))
        try BrokerStore.create(at: path, masterKey: old)
        let store = try BrokerStore(path: path, masterKey: old, for: .administration)
        let secret = Self.secret
        try store.secrets.put("k", secret.span, at: Self.now)
        _ = try store.secrets.rotate("k", [UInt8](0xb0..<0xc0).span, overlap: .seconds(3600), at: Self.now)
        try store.secrets.put("gone", [UInt8](0xc0..<0xd0).span, at: Self.now)
        try store.secrets.revoke("gone", version: nil, at: Self.now)
        return (folder, path, old, .file(folder.file("keys/new")))
    }

    private static func code(_ body: () throws -> Void) -> KeyBrokerError.Code? {
        do { try body() } catch { return (error as? KeyBrokerError)?.code }
        return nil
    }

    private static func sealed(_ path: String) async throws -> [Data] {
        try await DatabaseQueue(path: path).read { db in
            try Data.fetchAll(db, sql: "SELECT sealed FROM secret_version WHERE revoked_at IS NULL ORDER BY version")
        }
    }

    @Test("opens the store, and the old one does not; versions, audit log and its key stay, and nothing is left under the old key")
    func changed() async throws {
        let (folder, path, old, new) = try Self.site()
        let (before, head) = (try await Self.sealed(path), try await AuditArchive(path: path).verify())
        #expect(try MasterKeyChange(storePath: path, from: old, to: new).run(at: Self.now) == .changed(versions: 2))
        #expect(Self.code { _ = try BrokerStore(path: path, masterKey: old, for: .administration) } == .badMasterKey)
        let store = try BrokerStore(path: path, masterKey: new, for: .administration)
        #expect(try await store.secrets.list("k", at: Self.now).map(\.state) == [.overlapping, .current])
        let verification = try await AuditArchive(path: path).verify()
        #expect(verification.isIntact, "\(verification.text)")
        #expect(verification.publicKey == head.publicKey)
        #expect(try await AuditArchive(path: path).list(limit: 1).first?.event?.event == "master-key-changed")
        #expect(try await Self.sealed(path).count == before.count)
        for name in folder.contents where name.hasPrefix("store/") {
            let content = try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
            for sealed in before { #expect(content.range(of: sealed) == nil, "\(name)") }
        }
        #expect(try MasterKeyChange(storePath: path, from: old, to: new).run(at: Self.now) == .doneBefore)
    }

    @Test("releases what the old one released")
    func released() async throws {
        let (folder, path, old, new) = try Self.site()
        let store = try BrokerStore(path: path, masterKey: old, for: .administration)
        let secret = RunningBroker.secret
        try store.secrets.put("wrap-key", secret.span, at: Date())
        #expect(try MasterKeyChange(storePath: path, from: old, to: new).run(at: Self.now) == .changed(versions: 3))
        var options = RunningBroker.Options()
        options.secretIsInStore = true
        options.store = { try BrokerStore(path: path, masterKey: new, for: .serving) }
        try await RunningBroker.with(options) { broker in
            let released = try await broker.ask()
            #expect(released == secret)
        }
        withExtendedLifetime(folder) {}
    }

    @Test("may be made of a passphrase")
    func passphrase() throws {
        let (folder, path, old, _) = try Self.site()
        try folder.write(Array("correct horse battery".utf8), to: "keys/passphrase")
        let new = MasterKey.Source.passphraseFile(folder.file("keys/passphrase"))
        #expect(try MasterKeyChange(storePath: path, from: old, to: new).run(at: Self.now) == .changed(versions: 2))
        _ = try BrokerStore(path: path, masterKey: new, for: .administration)
    }

    @Test("is refused while a broker serves, if it is the old one, lies beside the store, or the old one is not the store's")
    func refused() throws {
        let (folder, path, old, new) = try Self.site()
        let other = MasterKey.Source.file(try folder.write([UInt8](2..<34), to: "keys/other"))
        let beside = MasterKey.Source.file(try folder.write([UInt8](2..<34), to: "store/key"))
        func change(_ from: MasterKey.Source, _ to: MasterKey.Source) -> KeyBrokerError.Code? {
            Self.code { _ = try MasterKeyChange(storePath: path, from: from, to: to).run(at: Self.now) }
        }
        #expect(change(old, old) == .badRequest)
        #expect(change(old, beside) == .badMasterKey)
        #expect(change(other, new) == .badMasterKey)
        let serving = try BrokerStore(path: path, masterKey: old, for: .serving)
        #expect(change(old, new) == .storeInUse)
        withExtendedLifetime(serving) {}
        _ = try BrokerStore(path: path, masterKey: old, for: .administration)
    }

    @Test("is made where it is missing, and not when the change is refused")
    func made() throws {
        let (folder, path, old, _) = try Self.site()
        let other = MasterKey.Source.file(try folder.write([UInt8](2..<34), to: "keys/other"))
        func change(_ from: MasterKey.Source, _ name: String, _ missing: MasterKeyChange.MissingKey) -> KeyBrokerError.Code? {
            Self.code {
                _ = try MasterKeyChange(storePath: path, from: from, to: .file(folder.file(name)), missingKey: missing).run(at: Self.now)
            }
        }
        #expect(change(old, "store/made", .made) == .badMasterKey)
        #expect(change(other, "keys/made", .made) == .badMasterKey)
        do {
            let serving = try BrokerStore(path: path, masterKey: old, for: .serving)
            #expect(change(old, "keys/made", .made) == .storeInUse)
            withExtendedLifetime(serving) {}
        }
        #expect(!folder.contents.contains { $0.hasSuffix("/made") })
        #expect(change(old, "keys/made", .made) == nil)
        _ = try BrokerStore(path: path, masterKey: .file(folder.file("keys/made")), for: .administration)
        #expect(change(old, "keys/made", .made) == nil)
    }

    @Test("keeps those who opened the store under the old one from writing under it")
    func stale() throws {
        let (folder, path, old, new) = try Self.site()
        let stale = try BrokerStore(path: path, masterKey: old, for: .administration)
        _ = try MasterKeyChange(storePath: path, from: old, to: new).run(at: Self.now)
        let secret = Self.secret
        let code = Self.code { try stale.secrets.put("late", secret.span, at: Self.now) }
        #expect(code == .badMasterKey)
        withExtendedLifetime(folder) {}
    }
}
