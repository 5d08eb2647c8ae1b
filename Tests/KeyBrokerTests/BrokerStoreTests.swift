// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import KeyBroker
import TestSupport
import Testing

@Suite("A broker's store")
struct BrokerStoreTests {
    private static func folder() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write([], to: "store/.made")
        try folder.write([UInt8](0..<32), to: "keys/master")
        return folder
    }

    private static func identifier(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? any DiagnosableError)?.identifier ?? "\(error)" }
        return nil
    }

    @Test("opens under the key that it was made with, and under no other")
    func masterKey() throws {
        let folder = try Self.folder()
        let path = folder.file("store/s")
        try BrokerStore.create(at: path, masterKey: .file(folder.file("keys/master")))
        _ = try BrokerStore(path: path, masterKey: .file(folder.file("keys/master")), for: .administration)
        try folder.write([UInt8](1..<33), to: "keys/other")
        #expect(
            Self.identifier { _ = try BrokerStore(path: path, masterKey: .file(folder.file("keys/other")), for: .administration) } == "bad-master-key"
        )
    }

    @Test("takes a passphrase, and a systemd credential")
    func otherSources() throws {
        let folder = try Self.folder()
        try folder.write(Array("correct horse battery\n".utf8), to: "keys/passphrase")
        try folder.write(Array("correct horse battery".utf8), to: "keys/same")
        try folder.write(Array("incorrect horse battery".utf8), to: "keys/wrong")
        let path = folder.file("store/s")
        try BrokerStore.create(at: path, masterKey: .passphraseFile(folder.file("keys/passphrase")))
        _ = try BrokerStore(path: path, masterKey: .passphraseFile(folder.file("keys/same")), for: .administration)
        #expect(
            Self.identifier { _ = try BrokerStore(path: path, masterKey: .passphraseFile(folder.file("keys/wrong")), for: .administration) }
                == "bad-master-key")
        #expect(
            Self.identifier { _ = try BrokerStore(path: path, masterKey: .file(folder.file("keys/master")), for: .administration) }
                == "bad-master-key")
        let other = folder.file("store/t")
        let credential = MasterKey.Source.credential(name: "master", folder: folder.file("keys"))
        try BrokerStore.create(at: other, masterKey: credential)
        _ = try BrokerStore(path: other, masterKey: credential, for: .administration)
        _ = try BrokerStore(path: other, masterKey: .file(folder.file("keys/master")), for: .administration)
        #expect(
            Self.identifier {
                try BrokerStore.create(at: folder.file("store/u"), masterKey: .credential(name: "../keys/master", folder: folder.path))
            }
                == "bad-master-key")
    }

    @Test(
        "refuses keys that are none, that others may read, or that lie beside it",
        arguments: [
            (31, 0o600, "keys/k", "bad-master-key"), (33, 0o600, "keys/k", "bad-master-key"), (32, 0o640, "keys/k", "loose-permissions"),
            (32, 0o604, "keys/k", "loose-permissions"), (32, 0o600, "store/k", "bad-master-key"),
        ])
    func badKeys(size: Int, mode: Int, name: String, identifier: String) throws {
        let folder = try Self.folder()
        try folder.write((0..<size).map { UInt8($0) }, to: name)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.file(name))
        #expect(Self.identifier { try BrokerStore.create(at: folder.file("store/s"), masterKey: .file(folder.file(name))) } == identifier)
    }

    @Test("tells a key in hexadecimal, and a folder in a key's place")
    func mistakenKeys() throws {
        let folder = try Self.folder()
        try folder.write(Array(String(repeating: "5c", count: 31).utf8) + Array("5d\n".utf8), to: "keys/hex")
        let hex = #expect(throws: KeyBrokerError.self) {
            try BrokerStore.create(at: folder.file("store/s"), masterKey: .file(folder.file("keys/hex")))
        }
        #expect(hex?.message.contains("holds 65 bytes") == true && hex?.remedy?.contains("xxd -r -p") == true)
        let error = #expect(throws: FileError.self) { try BrokerStore.create(at: folder.file("store/s"), masterKey: .file(folder.file("keys"))) }
        #expect(error?.systemError == EISDIR)
    }

    @Test("serves one broker at a time, and administrators beside it")
    func oneBroker() throws {
        let folder = try Self.folder()
        let path = folder.file("store/s")
        let key = MasterKey.Source.file(folder.file("keys/master"))
        try BrokerStore.create(at: path, masterKey: key)
        let first = try BrokerStore(path: path, masterKey: key, for: .serving)
        #expect(Self.identifier { _ = try BrokerStore(path: path, masterKey: key, for: .serving) } == "store-in-use")
        let administration = try BrokerStore(path: path, masterKey: key, for: .administration)
        try administration.secrets.put("k", [UInt8](0..<16).span, at: Date())
        withExtendedLifetime(first) {}
    }

    @Test("serves one broker at a time by whatever link it comes, and is not opened under a second name")
    func links() throws {
        let folder = try Self.folder()
        let path = folder.file("store/s")
        let key = MasterKey.Source.file(folder.file("keys/master"))
        try BrokerStore.create(at: path, masterKey: key)
        try folder.write([], to: "other/.made")
        try FileManager.default.createSymbolicLink(atPath: folder.file("other/link"), withDestinationPath: path)
        let first = try BrokerStore(path: path, masterKey: key, for: .serving)
        #expect(Self.identifier { _ = try BrokerStore(path: folder.file("other/link"), masterKey: key, for: .serving) } == "store-in-use")
        let administration = try BrokerStore(path: folder.file("other/link"), masterKey: key, for: .administration)
        try administration.secrets.put("k", [UInt8](0..<16).span, at: Date())
        #expect(folder.contents.filter { $0.hasPrefix("other/link") } == ["other/link"])
        try FileManager.default.linkItem(atPath: path, toPath: folder.file("other/hard"))
        for use in [BrokerStore.Use.serving, .administration] {
            let error = #expect(throws: KeyBrokerError.self) { _ = try BrokerStore(path: folder.file("other/hard"), masterKey: key, for: use) }
            #expect(error?.code == .storeFailed && error?.message.contains("hard links") == true)
        }
        withExtendedLifetime(first) {}
    }

    @Test("refuses a key that lies beside it by a link of either")
    func linkedKeys() throws {
        let folder = try Self.folder()
        let path = folder.file("store/s")
        try BrokerStore.create(at: path, masterKey: .file(folder.file("keys/master")))
        try FileManager.default.createSymbolicLink(atPath: folder.file("store/link"), withDestinationPath: folder.file("keys/master"))
        try FileManager.default.moveItem(atPath: folder.file("keys/master"), toPath: folder.file("store/master"))
        try FileManager.default.createSymbolicLink(atPath: folder.file("keys/master"), withDestinationPath: folder.file("store/master"))
        try FileManager.default.createSymbolicLink(atPath: folder.file("keys/s"), withDestinationPath: path)
        try folder.write([], to: "far/.made")
        try FileManager.default.createSymbolicLink(atPath: folder.file("far/s"), withDestinationPath: path)
        for (store, key) in [("store/s", "store/link"), ("store/s", "keys/master"), ("far/s", "store/master"), ("far/s", "keys/master")] {
            #expect(
                Self.identifier { _ = try BrokerStore(path: folder.file(store), masterKey: .file(folder.file(key)), for: .administration) }
                    == "bad-master-key", "\(store) \(key)")
        }
    }

    @Test("is made with a new key, or neither is made")
    func newKey() throws {
        let folder = try Self.folder()
        let path = folder.file("store/s")
        #expect(Self.identifier { try BrokerStore.create(at: path, makingMasterKeyAt: folder.file("store/key")) } == "bad-master-key")
        #expect(
            Self.identifier { try BrokerStore.create(at: folder.file("none/s"), makingMasterKeyAt: folder.file("keys/new")) } == "unwritable-file")
        #expect(Self.identifier { try BrokerStore.create(at: path, makingMasterKeyAt: folder.file("keys/master")) } == "output-exists")
        #expect(Set(folder.contents).isDisjoint(with: ["store/key", "store/s", "keys/new"]))
        try BrokerStore.create(at: path, makingMasterKeyAt: folder.file("keys/new"))
        _ = try BrokerStore(path: path, masterKey: .file(folder.file("keys/new")), for: .administration)
        #expect(Self.identifier { try BrokerStore.create(at: path, makingMasterKeyAt: folder.file("keys/newer")) } == "output-exists")
        #expect(!folder.contents.contains("keys/newer"))
    }

    @Test("is its owner's alone, and is not made over another file")
    func permissions() throws {
        let folder = try Self.folder()
        let path = folder.file("store/s")
        let key = MasterKey.Source.file(folder.file("keys/master"))
        try BrokerStore.create(at: path, masterKey: key)
        for name in folder.contents where name.hasPrefix("store/s") {
            #expect(try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        #expect(Self.identifier { try BrokerStore.create(at: path, masterKey: key) } == "output-exists")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(Self.identifier { _ = try BrokerStore(path: path, masterKey: key, for: .administration) } == "loose-permissions")
    }

    @Test(
        "tells files that are no store",
        arguments: [("", "store-failed"), ("no database, but text that is long enough to be looked at", "store-damaged")])
    func noStore(content: String, identifier: String) throws {
        let folder = try Self.folder()
        let path = try folder.write(Array(content.utf8), to: "store/s")
        #expect(Self.identifier { _ = try AuditArchive(path: path) } == identifier)
        #expect(Self.identifier { _ = try AuditArchive(path: folder.file("store/nothing")) } == "store-failed")
    }

    @Test("is backed up as one whole file while it is in use")
    func backup() async throws {
        let folder = try Self.folder()
        let path = folder.file("store/s")
        let key = MasterKey.Source.file(folder.file("keys/master"))
        try BrokerStore.create(at: path, masterKey: key)
        let store = try BrokerStore(path: path, masterKey: key, for: .serving)
        try store.secrets.put("k", [UInt8](0..<16).span, at: Date())
        let copy = folder.file("copy/s")
        try folder.write([], to: "copy/.made")
        try StoreMaintenance(path: path).backUp(to: copy)
        #expect(folder.contents.filter { $0.hasPrefix("copy/s") } == ["copy/s"])
        let check = try await StoreMaintenance(path: copy).check()
        #expect(check.isIntact, "\(check.text)")
        #expect(try await BrokerStore(path: copy, masterKey: key, for: .serving).secrets.list(at: Date()).map(\.name) == ["k"])
        #expect(Self.identifier { try StoreMaintenance(path: path).backUp(to: copy) } == "output-exists")
    }
}
