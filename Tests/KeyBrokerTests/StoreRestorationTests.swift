// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import GRDB
import KeyBroker
import TestSupport
import Testing

@Suite("Restoring a store")
struct StoreRestorationTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    /// A backup with the secret `early`, and the store as a crash left it later: with the secrets `early` and `late`, the latter in the log alone.
    private struct Site {
        let folder: ScratchFolder
        var path: String { self.folder.file("crashed/s") }
        var backup: String { self.folder.file("backup/s") }
        var key: MasterKey.Source { .file(self.folder.file("keys/master")) }

        init() throws {
            self.folder = try ScratchFolder()
            for name in ["store/.made", "crashed/.made", "backup/.made"] { try self.folder.write([], to: name) }
            try self.folder.write([UInt8](0..<32), to: "keys/master")
            let path = self.folder.file("store/s")
            try BrokerStore.create(at: path, masterKey: self.key)
            let store = try BrokerStore(path: path, masterKey: self.key, for: .administration)
            let (early, late) = ([UInt8](0..<16), [UInt8](16..<32))
            try store.secrets.put("early", early.span, at: StoreRestorationTests.now)
            try StoreMaintenance(path: path).backUp(to: self.backup)
            try store.secrets.put("late", late.span, at: StoreRestorationTests.now)
            // As the disk is when the process is killed now: nothing has moved the log into the database.
            for suffix in ["", "-wal", "-shm"] { try FileManager.default.copyItem(atPath: path + suffix, toPath: self.path + suffix) }
        }

        func names() async throws -> [String] {
            try await BrokerStore(path: self.path, masterKey: self.key, for: .administration).secrets.list(at: StoreRestorationTests.now).map(\.name)
        }

        func restore(replacing: Bool = true) async throws -> StoreCheck {
            try await StoreRestoration(backup: self.backup, storePath: self.path).run(replacing: replacing)
        }

        /// Puts the backup in the store's place by hand.
        func copyBackup() throws { try Data(contentsOf: URL(filePath: self.backup)).write(to: URL(filePath: self.path)) }
    }

    private static func identifier(_ body: () async throws -> Void) async -> String? {
        do { try await body() } catch { return (error as? any DiagnosableError)?.identifier ?? "\(error)" }
        return nil
    }

    @Test("after a crash gives the store of the backup and nothing of what came later")
    func restored() async throws {
        let site = try Site()
        #expect(await Self.identifier { _ = try await site.restore(replacing: false) } == "output-exists")
        let check = try await site.restore()
        #expect(check.isIntact && check.audit.records == 1, "\(check.text)")
        #expect(site.folder.contents.filter { $0.hasPrefix("crashed/s") }.sorted() == ["crashed/s", "crashed/s.lock"])
        #expect(try await site.names() == ["early"])
        #expect(try await StoreMaintenance(path: site.path).check().isIntact)
        _ = try BrokerStore(path: site.path, masterKey: site.key, for: .serving)
    }

    @Test("is not needed after a crash, where the log belongs to the store")
    func crashed() async throws {
        let site = try Site()
        #expect(try await site.names() == ["early", "late"])
    }

    @Test("works where there is no store, and through a link to one")
    func places() async throws {
        let site = try Site()
        let missing = StoreRestoration(backup: site.backup, storePath: site.folder.file("store/new"))
        #expect(try await missing.run(replacing: false).isIntact)
        let link = site.folder.file("keys/link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: site.path)
        #expect(try await StoreRestoration(backup: site.backup, storePath: link).run(replacing: true).isIntact)
        #expect(try await site.names() == ["early"])
    }

    /// What lies in the place of a store.
    struct Remains: CustomTestStringConvertible, Sendable {
        let what: String
        let names: [String]
        let identifier: String?
        var testDescription: String { self.what }
    }

    @Test(
        "without leave to replace spares whatever of a store is there",
        arguments: [
            Remains(what: "a store and its log", names: ["s", "s-wal"], identifier: "output-exists"),
            Remains(what: "a log alone, with what was committed last", names: ["s-wal"], identifier: "output-exists"),
            Remains(what: "a journal alone", names: ["s-journal"], identifier: "output-exists"),
            Remains(what: "an index of a log that is gone", names: ["s-shm"], identifier: nil),
            Remains(what: "nothing", names: [], identifier: nil),
        ])
    func sparing(remains: Remains) async throws {
        let site = try Site()
        try site.folder.write([], to: "there/.made")
        let content = Array("committed last".utf8)
        for name in remains.names { try site.folder.write(content, to: "there/\(name)") }
        let restoration = StoreRestoration(backup: site.backup, storePath: site.folder.file("there/s"))
        #expect(await Self.identifier { _ = try await restoration.run(replacing: false) } == remains.identifier)
        for name in remains.names where remains.identifier != nil {
            #expect(try Data(contentsOf: URL(filePath: site.folder.file("there/\(name)"))) == Data(content))
        }
        #expect(site.folder.contents.contains("there/s") == (remains.identifier == nil || remains.names.contains("s")))
        #expect(!site.folder.contents.contains { $0.hasSuffix(".restoring") })
    }

    @Test("takes a place that cannot be looked at for no empty one")
    func unseen() async throws {
        let site = try Site()
        // As for a folder that nobody may look into, which does not hinder the superuser.
        try FileManager.default.createSymbolicLink(atPath: site.folder.file("store/circle"), withDestinationPath: site.folder.file("store/circle"))
        let restoration = StoreRestoration(backup: site.backup, storePath: site.folder.file("store/circle"))
        #expect(await Self.identifier { _ = try await restoration.run(replacing: false) } == "unreadable-file")
    }

    @Test(
        "leaves a store that opens, when it is cut off between the store's name and the removal of the other", arguments: [".partial", ".restoring"])
    func twoNames(suffix: String) async throws {
        let site = try Site()
        _ = try await site.restore()
        try FileManager.default.linkItem(atPath: site.path, toPath: site.path + suffix)
        #expect(try await StoreMaintenance(path: site.path).check().isIntact)
        #expect(try await site.names() == ["early"])
        #expect(!site.folder.contents.contains("crashed/s\(suffix)"))
        // Another file of that name is nobody's to remove.
        try site.folder.write([1], to: "crashed/s\(suffix)")
        try FileManager.default.linkItem(atPath: site.path, toPath: site.folder.file("keys/second"))
        #expect(await Self.identifier { _ = try await site.names() } == "store-failed")
        #expect(site.folder.contents.contains("crashed/s\(suffix)"))
    }

    @Test("takes a backup that has several names, as sets of backups have, which a store may not")
    func linkedBackup() async throws {
        let site = try Site()
        let second = site.folder.file("keys/second")
        try FileManager.default.linkItem(atPath: site.backup, toPath: second)
        #expect(try await StoreRestoration(backup: second, storePath: site.path).run(replacing: true).isIntact)
        #expect(try await site.names() == ["early"])
        #expect(await Self.identifier { _ = try BrokerStore(path: second, masterKey: site.key, for: .administration) } != nil)
        try FileManager.default.linkItem(atPath: site.path, toPath: site.folder.file("keys/store"))
        #expect(await Self.identifier { _ = try StoreMaintenance(path: site.path) } == "store-failed")
    }

    @Test("by hand, beside the log of the store that was there, is refused by everything that opens it, and changes neither")
    func copiedByHand() async throws {
        let site = try Site()
        try site.copyBackup()
        let before = try Data(contentsOf: URL(filePath: site.path))
        for use in [BrokerStore.Use.serving, .administration] {
            #expect(await Self.identifier { _ = try BrokerStore(path: site.path, masterKey: site.key, for: use) } == "unfinished-restoration")
        }
        #expect(await Self.identifier { _ = try StoreMaintenance(path: site.path) } == "unfinished-restoration")
        #expect(await Self.identifier { _ = try AuditArchive(path: site.path) } == "unfinished-restoration")
        let other = MasterKey.Source.file(try site.folder.write([UInt8](1..<33), to: "keys/other"))
        #expect(
            await Self.identifier { _ = try MasterKeyChange(storePath: site.path, from: site.key, to: other).run(at: Self.now) }
                == "unfinished-restoration")
        #expect(try Data(contentsOf: URL(filePath: site.path)) == before)
        #expect(site.folder.contents.contains("crashed/s-wal"))
        _ = try await site.restore()
        #expect(try await site.names() == ["early"])
    }

    @Test("is refused while a broker serves, from the store itself, and from a damaged backup, and leaves the store as it is")
    func refused() async throws {
        let site = try Site()
        do {
            let serving = try BrokerStore(path: site.path, masterKey: site.key, for: .serving)
            #expect(await Self.identifier { _ = try await site.restore() } == "store-in-use")
            withExtendedLifetime(serving) {}
        }
        let itself = StoreRestoration(backup: site.path, storePath: site.path)
        #expect(await Self.identifier { _ = try await itself.run(replacing: true) } == "bad-request")
        try await DatabaseQueue(path: site.backup).write { db in try db.execute(sql: "UPDATE audit_record SET time = time + 1") }
        #expect(await Self.identifier { _ = try await site.restore() } == "store-damaged")
        #expect(try await site.names() == ["early", "late"])
        #expect(!site.folder.contents.contains { $0.hasSuffix(".restoring") })
    }

    @Test("goes on where a crash ended it: before the names change, and between that and the removal of the old log")
    func interrupted() async throws {
        let before = try Site()
        try before.folder.write(Array("half".utf8), to: "crashed/s.restoring")
        _ = try await before.restore()
        #expect(try await before.names() == ["early"])
        let between = try Site()
        try between.copyBackup()
        _ = try await between.restore()
        #expect(try await between.names() == ["early"])
    }
}
