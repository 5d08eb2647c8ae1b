// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright broker, with a store")
struct BrokerStoreCommandTests {
    /// A store with its master key in another folder.
    private struct Store {
        let folder: ScratchFolder
        var options: [String] { ["--store", self.folder.file("store/broker.sqlite"), "--master-key", self.folder.file("keys/master-key")] }

        init() async throws {
            self.folder = try ScratchFolder()
            try self.folder.write([], to: "store/.made")
            try self.folder.write([], to: "keys/.made")
            let made = try await BuiltCommand.run(
                "broker", "store", "init", "--store", self.folder.file("store/broker.sqlite"), "--new-master-key", self.folder.file("keys/master-key")
            )
            #expect(made.status == 0, "\(made.error)")
        }

        func run(_ words: String...) async throws -> BuiltCommand.Result { try await BuiltCommand.run(["broker"] + words + self.options) }

        func audit(_ words: String...) async throws -> BuiltCommand.Result {
            try await BuiltCommand.run(["broker", "audit"] + words + ["--store", self.folder.file("store/broker.sqlite")])
        }
    }

    @Test("puts, lists, rotates, revokes and deletes secrets, and never shows one")
    func secrets() async throws {
        let store = try await Store()
        let key = try store.folder.write(Array("0123456789abcdef".utf8), to: "keys/wrap-key")
        #expect(try await store.run("secrets", "put", "wrap-key", "--file", key).status == 0)
        #expect(try await store.run("secrets", "list").output.contains("wrap-key version 1: current"))
        let rotated = try await store.run("secrets", "rotate", "wrap-key", "--generate", "--overlap", "1h")
        #expect(rotated.status == 0 && rotated.output == "2\n", "\(rotated.error)")
        let list = try await store.run("secrets", "list", "--json")
        #expect(list.output.contains("\"state\" : \"overlapping\""))
        #expect(try await store.run("secrets", "revoke", "wrap-key", "--secret-version", "1").status == 0)
        #expect(try await store.run("secrets", "delete", "wrap-key").status == 0)
        #expect(try await store.run("secrets", "delete", "wrap-key").status == 66)
        let exported = try await store.audit("export")
        #expect(exported.output.split(separator: "\n").count == 4)
        #expect(!exported.output.contains("0123456789abcdef") && !exported.output.contains("303132333435"))
        #expect(try await store.audit("verify").output.contains("intact: 4 records"))
        #expect(try await store.audit("show", "2").output.contains("secret-rotated"))
    }

    @Test("refuses secrets that others may read or that were published, and stores without their key")
    func refused() async throws {
        let store = try await Store()
        let key = try store.folder.write([UInt8](0..<16), to: "keys/wrap-key")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let loose = try await store.run("secrets", "put", "wrap-key", "--file", key)
        #expect(loose.status == 77 && loose.error.contains("[loose-permissions]"), "\(loose.error)")
        let published = try store.folder.write(
            [0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0], to: "keys/p")
        let known = try await store.run("secrets", "put", "wrap-key", "--file", published)
        #expect(known.status == 65 && known.error.contains("[published-key]"), "\(known.error)")
        let other = try store.folder.write([UInt8](1..<33), to: "keys/other")
        let wrong = try await BuiltCommand.run(
            "broker", "secrets", "list", "--store", store.folder.file("store/broker.sqlite"), "--master-key", other)
        #expect(wrong.status == 77 && wrong.error.contains("[bad-master-key]"), "\(wrong.error)")
        let none = try await BuiltCommand.run("broker", "secrets", "list", "--store", store.folder.file("store/broker.sqlite"))
        #expect(none.status == 64 && none.error.contains("[missing-master-key]"), "\(none.error)")
    }

    @Test("backs up and checks")
    func backup() async throws {
        let store = try await Store()
        let copy = store.folder.file("copy.sqlite")
        let backup = try await BuiltCommand.run("broker", "store", "backup", "--store", store.folder.file("store/broker.sqlite"), "--output", copy)
        #expect(backup.status == 0, "\(backup.error)")
        let check = try await BuiltCommand.run("broker", "store", "check", "--store", copy, "--json")
        #expect(check.status == 0 && check.output.contains("\"danglingReferences\" : 0"), "\(check.error)")
        #expect(try await store.audit("head").output.contains("\"signature\""))
    }

    @Test("restores a backup over a store, and only then")
    func restore() async throws {
        let store = try await Store()
        let (path, copy) = (store.folder.file("store/broker.sqlite"), store.folder.file("copy.sqlite"))
        #expect(try await BuiltCommand.run("broker", "store", "backup", "--store", path, "--output", copy).status == 0)
        let again = try await BuiltCommand.run("broker", "store", "backup", "--store", path, "--output", copy)
        #expect(again.status == 73 && again.error.contains("move away what is there") && !again.error.contains("--force"), "\(again.error)")
        #expect(try await store.run("secrets", "put", "late", "--generate").status == 0)
        let words = ["broker", "store", "restore", "--from", copy, "--store", path]
        let refused = try await BuiltCommand.run(words)
        #expect(refused.status == 73 && refused.error.contains("[output-exists]") && refused.error.contains("--force"), "\(refused.error)")
        let restored = try await BuiltCommand.run(words + ["--force"])
        #expect(restored.status == 0 && restored.output.contains("ends with audit record 0"), "\(restored.error)")
        #expect(restored.error.contains("revoked or deleted after the backup are back"), "\(restored.error)")
        let list = try await store.run("secrets", "list")
        #expect(list.status == 0 && list.output.isEmpty, "\(list.error)")
    }

    @Test("leaves no new master key behind when it refuses, and does not speak of options that it has not")
    func refusedKeys() async throws {
        let store = try await Store()
        let (path, key) = (store.folder.file("store/broker.sqlite"), store.folder.file("keys/master-key"))
        for (words, status, identifier) in [
            (["init", "--store", store.folder.file("store/s"), "--new-master-key", store.folder.file("store/k")], 77, "bad-master-key"),
            (["init", "--store", path, "--new-master-key", store.folder.file("keys/k")], 73, "output-exists"),
            (["init", "--store", store.folder.file("store/s"), "--new-master-key", key], 73, "output-exists"),
            (["rekey", "--store", path, "--master-key", key, "--new-master-key", store.folder.file("store/k")], 77, "bad-master-key"),
            (
                ["rekey", "--store", store.folder.file("no"), "--master-key", key, "--new-master-key", store.folder.file("keys/k")], 74,
                "store-failed"
            ),
        ] {
            let result = try await BuiltCommand.run(["broker", "store"] + words)
            #expect(result.status == status && result.error.contains("[\(identifier)]") && !result.error.contains("--force"), "\(result.error)")
        }
        #expect(!store.folder.contents.contains { $0.hasSuffix("/k") || $0 == "store/s" })
    }

    @Test("makes the store that a start which was cut off has left out, under the key that it made")
    func cutOff() async throws {
        let folder = try ScratchFolder()
        try folder.write([], to: "store/.made")
        let key = try folder.write([UInt8](0..<32), to: "keys/master-key")
        let store = ["--store", folder.file("store/broker.sqlite")]
        for _ in 0..<2 {
            let made = try await BuiltCommand.run(["broker", "store", "init", "--new-master-key", key, "--if-missing"] + store)
            #expect(made.status == 0, "\(made.error)")
            #expect(try await BuiltCommand.run(["broker", "secrets", "list", "--master-key", key] + store).status == 0)
        }
        #expect(try Data(contentsOf: URL(filePath: key)) == Data(0..<32))
        let half = try folder.write([UInt8](0..<16), to: "keys/half")
        let refused = try await BuiltCommand.run(
            "broker", "store", "init", "--new-master-key", half, "--if-missing", "--store", folder.file("store/other"))
        #expect(refused.status == 77 && refused.error.contains("[bad-master-key]"), "\(refused.error)")
        #expect(folder.contents.contains("keys/half") && !folder.contents.contains("store/other"))
    }

    @Test("tells secrets that are too large, folders in their place, and names that nothing has")
    func mistakes() async throws {
        let store = try await Store()
        let large = try store.folder.write([UInt8](repeating: 7, count: 2 << 20), to: "keys/large")
        let tooLarge = try await store.run("secrets", "put", "k", "--file", large)
        #expect(tooLarge.status == 65 && tooLarge.error.contains("[file-too-large]") && !tooLarge.error.contains("ulimit"), "\(tooLarge.error)")
        let folder = try await store.run("secrets", "put", "k", "--file", store.folder.file("keys"))
        #expect(folder.status == 66 && folder.error.contains("Is a directory") && !folder.error.contains("chmod"), "\(folder.error)")
        let unknown = try await store.run("secrets", "list", "NONESUCH")
        #expect(unknown.status == 66 && unknown.output.isEmpty && unknown.error.contains("[no-such-secret]"), "\(unknown.error)")
        #expect(try await store.run("secrets", "list", "--json").output == "[\n\n]\n")
    }

    @Test("prints its whole configuration, defaults included")
    func configuration() async throws {
        let store = try await Store()
        let result = try await store.run(
            "serve", "--policy", "p.yaml", "--certificate", "c", "--private-key", "k", "--pccs-url", "http://localhost/sgx/certification/v4/",
            "--print-config")
        #expect(result.status == 0, "\(result.error)")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(object["httpsPort"] as? Int == 8443)
        #expect(object["port"] as? Int == 4433)
        #expect(object["masterKey"] as? String == "the file \(store.folder.file("keys/master-key"))")
    }

    @Test("tells options that do not fit together")
    func options() async throws {
        let common = [
            "broker", "serve", "--policy", "p.yaml", "--certificate", "c", "--private-key", "k", "--pccs-url",
            "http://localhost/sgx/certification/v4/",
        ]
        for (words, identifier) in [
            (["--store", "s"], "store-and-master-key"), (["--master-key", "k"], "store-and-master-key"),
            (["--https-port", "1"], "https-without-store"),
            (["--store", "s", "--master-key", "k", "--master-key-passphrase-file", "p"], "conflicting-options"), (["--rate", "0"], "bad-limit"),
            (["--store", "s", "--master-key-credential", "c"], "no-credentials"),
        ] {
            let result = try await BuiltCommand.run(common + words)
            #expect(result.status == 64 && result.error.contains("[\(identifier)]"), "\(words): \(result.error)")
        }
    }

    @Test("imports the recipe's configuration")
    func importing() async throws {
        let folder = try ScratchFolder()
        let hex = String(repeating: "ab", count: 32)
        let file = try folder.write(
            Array(
                """
                {"verify_mr_enclave": "on", "verify_mr_signer": "off", "verify_isv_prod_id": "off", "verify_isv_svn": "on",
                 "mrs": [{"mr_enclave": "\(hex)", "mr_signer": "\(hex)", "isv_prod_id": "0", "isv_svn": "1"}]}
                """.utf8), to: "ra_config.json")
        let result = try await BuiltCommand.run("broker", "policy", "import", file)
        #expect(result.status == 0 && result.output.contains("mr_enclave: [\"\(hex)\"]") && result.error.contains("warning: "), "\(result.error)")
        try folder.write(Array(result.output.utf8), to: "policy.yaml")
        #expect(try await BuiltCommand.run("broker", "policy", "check", folder.file("policy.yaml")).status == 0)
    }

    @Test("doctor names what is bad and what to do, and ends with 69")
    func doctor() async throws {
        let store = try await Store()
        let issued = try await BuiltCommand.run("tls", "issue", "--server", "localhost", "--client", "c", "--output", store.folder.file("tls"))
        #expect(issued.status == 0)
        let words = [
            "broker", "doctor", "--certificate", store.folder.file("tls/server/cert.pem"), "--private-key", store.folder.file("tls/server/key.pem"),
            "--address", "127.0.0.1", "--port", "0", "--name", "localhost",
        ]
        let good = try await BuiltCommand.run(words + store.options)
        #expect(good.status == 0, "\(good.output)\(good.error)")
        #expect(good.output.contains("ok       store.integrity") && good.output.contains("ok       tls.certificate-names"))
        let bad = try await BuiltCommand.run(
            words + ["--name", "broker.example", "--pccs-url", "http://127.0.0.1:1/sgx/certification/v4/", "--policy", "/nowhere"])
        #expect(bad.status == 69)
        for check in ["tls.certificate-names", "collateral.reachable", "policy"] {
            #expect(bad.output.contains("BAD      \(check)"), "\(bad.output)")
        }
        #expect(bad.output.contains("is not for broker.example but for localhost\n"), "\(bad.output)")
    }

    @Test("doctor does not pass a secret's file that serve refuses")
    func doctorSecret() async throws {
        let folder = try ScratchFolder()
        let key = try folder.write([UInt8](repeating: 7, count: 16), to: "key")
        let hex = String(repeating: "e1", count: 32)
        let policy = try folder.write(
            Array("version: 1\nsecrets: [{ name: k, file: key }]\nrules: [{ secret: k, sgx: { mr_enclave: [\(hex)] } }]\n".utf8), to: "policy.yaml")
        let words = ["broker", "doctor", "--policy", policy, "--address", "127.0.0.1", "--port", "0"]
        let good = try await BuiltCommand.run(words)
        #expect(good.status == 0 && good.output.contains("`k` can be loaded from \(key)"), "\(good.output)\(good.error)")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let bad = try await BuiltCommand.run(words)
        #expect(bad.status == 69)
        #expect(bad.output.contains("BAD      policy.secret") && bad.output.contains("what to do: chmod 600 \(key)"), "\(bad.output)")
        try FileManager.default.removeItem(atPath: key)
        let missing = try await BuiltCommand.run(words)
        #expect(missing.status == 69 && missing.output.contains("BAD      policy.secret"), "\(missing.output)")
    }
}
