// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright broker")
struct BrokerCommandTests {
    private static let policy = """
        version: 1
        secrets:
          - { name: wrap-key, file: key, production: false }
        rules:
          - secret: wrap-key
            sgx: { mr_enclave: ["\(String(repeating: "e1", count: 32))"] }
            freshness: tls-only

        """

    /// A folder with a policy, a key and TLS material.
    private static func folder(policy: String = policy, keySize: Int = 16) async throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(Array(policy.utf8), to: "policy.yaml")
        try folder.write([UInt8](repeating: 7, count: keySize), to: "key")
        let issued = try await BuiltCommand.run("tls", "issue", "--server", "localhost", "--client", "client", "--output", folder.file("tls"))
        #expect(issued.status == 0, "\(issued.error)")
        return folder
    }

    private static func serve(_ folder: ScratchFolder, changing changes: [String: String] = [:]) async throws -> BuiltCommand.Result {
        var options = [
            "--policy": folder.file("policy.yaml"), "--certificate": folder.file("tls/server/cert.pem"),
            "--private-key": folder.file("tls/server/key.pem"), "--pccs-url": "http://127.0.0.1:1/sgx/certification/v4/", "--address": "127.0.0.1",
            "--port": "0",
        ]
        options.merge(changes) { $1 }
        return try await BuiltCommand.run(["broker", "serve"] + options.flatMap { [$0.key, $0.value] })
    }

    @Test("policy check sums up a good policy")
    func goodPolicy() async throws {
        let folder = try await Self.folder()
        let result = try await BuiltCommand.run("broker", "policy", "check", folder.file("policy.yaml"))
        #expect(result.status == 0)
        #expect(result.output.contains("1 secrets, 1 rules, 0 warnings"))
        #expect(result.error.isEmpty)
    }

    @Test("policy check tells an unknown key with line and column, and what was meant")
    func unknownKey() async throws {
        let folder = try await Self.folder(policy: Self.policy.replacing("freshness", with: "freshnes"))
        let result = try await BuiltCommand.run("broker", "policy", "check", folder.file("policy.yaml"))
        #expect(result.status == 78)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("policy.yaml:7:5: unknown key `freshnes`"))
        #expect(result.error.contains("did you mean `freshness`?"))
        #expect(result.error.contains("[bad-policy]"))
    }

    @Test("policy check warns of a secret that is not there, as JSON too")
    func missingSecret() async throws {
        let folder = try ScratchFolder()
        let path = try folder.write(Array(Self.policy.utf8), to: "policy.yaml")
        let result = try await BuiltCommand.run("broker", "policy", "check", path, "--json")
        #expect(result.status == 0)
        let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let findings = try #require(report["findings"] as? [[String: Any]])
        #expect(findings.count == 1)
        #expect(findings.first?["line"] as? Int == 3)
    }

    @Test(
        "serve ends with a clear message on bad input",
        arguments: [
            ("--policy", "/nowhere/policy.yaml", 66, "unreadable-file"), ("--pccs-url", "https://localhost:8081/", 64, "bad-collateral-url"),
            ("--certificate", "/etc/hostname", 65, "bad-pem"), ("--private-key", "/nowhere/key.pem", 66, "unreadable-file"),
            ("--simulated-root", "/etc/hostname", 65, "bad-pem"), ("--log", "/nowhere/log", 73, "unwritable-file"),
            ("--address", "192.0.2.1", 69, "cannot-listen"),
        ] as [(String, String, Int32, String)])
    func badInput(option: String, value: String, status: Int32, identifier: String) async throws {
        let result = try await Self.serve(try await Self.folder(), changing: [option: value])
        #expect(result.status == status, "\(result.error)")
        #expect(result.error.contains("[\(identifier)]"), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    @Test("serve refuses a key that is not the certificate's")
    func otherKey() async throws {
        let folder = try await Self.folder()
        let result = try await Self.serve(folder, changing: ["--private-key": folder.file("tls/client/key.pem")])
        #expect(result.status == 65)
        #expect(result.error.contains("[bad-tls-key-pair]"), "\(result.error)")
    }

    @Test("serve refuses a key that others may read, and says what to do")
    func looseKey() async throws {
        let folder = try await Self.folder()
        let key = folder.file("tls/server/key.pem")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let result = try await Self.serve(folder)
        #expect(result.status == 77)
        #expect(result.error.contains("[loose-permissions]") && result.error.contains("chmod 600 \(key)"), "\(result.error)")
    }

    @Test("serve refuses an empty secret")
    func emptySecret() async throws {
        let result = try await Self.serve(try await Self.folder(keySize: 0))
        #expect(result.status == 65)
        #expect(result.error.contains("[bad-secret]"), "\(result.error)")
    }
}
