// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelServing
import Subprocess
import SwiftASN1
import SystemPackage
import TestSupport
import Testing
import X509

@Suite("sealwright tls issue")
struct TLSCommandTests {
    @Test("writes the folder of the original recipe, keys readable by their owner alone", arguments: ["p256", "rsa"])
    func issue(keyType: String) async throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("ssl_configure")
        let result = try await BuiltCommand.run(
            "tls", "issue", "--server", "grpc.tf-serving.service.com", "--server", "127.0.0.1", "--client", "client.tf-serving.service.com",
            "--key-type", keyType, "--output", folder)
        #expect(result.status == 0, "\(result.error)")
        let files = [
            "ca_cert.pem", "ca_key.pem", "client", "client/cert.pem", "client/key.pem", "server", "server/cert.pem", "server/key.pem", "ssl.cfg",
        ]
        #expect(scratch.contents == ["ssl_configure"] + files.map { "ssl_configure/\($0)" })
        for secret in ["ca_key.pem", "server/key.pem", "client/key.pem", "ssl.cfg"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(secret)")[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(secret)")
        }
        let text = try String(contentsOfFile: "\(folder)/ssl.cfg", encoding: .utf8)
        let configuration = try SSLConfiguration(textFormat: text)
        #expect(configuration.clientVerify)
        #expect(configuration.serverKey == (try String(contentsOfFile: "\(folder)/server/key.pem", encoding: .utf8)))
        #expect(!result.output.contains("PRIVATE KEY"))
        try await self.expectChain(in: folder)
    }

    /// Both certificates verify against the authority, and the server's carries the names that were asked for.
    private func expectChain(in folder: String, name: String = "grpc.tf-serving.service.com") async throws {
        func certificate(_ name: String) throws -> Certificate {
            try Certificate(pemEncoded: String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
        }
        let authority = try certificate("ca_cert.pem")
        for file in ["server/cert.pem", "client/cert.pem"] {
            var verifier = Verifier(rootCertificates: CertificateStore([authority])) { RFC5280Policy() }
            let result = await verifier.validate(leaf: try certificate(file), intermediates: CertificateStore([]))
            guard case .validCertificate = result else {
                Issue.record("\(file): \(result)")
                return
            }
        }
        let names = try #require(try certificate("server/cert.pem").extensions.subjectAlternativeNames)
        #expect(names.contains(.dnsName(name)))
    }

    @Test("an existing folder is kept unless --force is given")
    func existing() async throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "tls/keep")
        let arguments = ["tls", "issue", "--server", "a.example", "--client", "b.example", "--output", scratch.file("tls")]
        let refused = try await BuiltCommand.run(arguments)
        #expect(refused.status == 73)
        #expect(refused.error.contains("[output-exists]"))
        #expect(scratch.contents == ["tls", "tls/keep"])
        let forced = try await BuiltCommand.run(arguments + ["--force"])
        #expect(forced.status == 0)
        #expect(!scratch.contents.contains("tls/keep"))
    }

    @Test(
        "wrong arguments are told, and nothing is written",
        arguments: [
            (["--server", "bad name", "--client", "c"], "malformed-name"), (["--server", "s", "--client", "c", "--days", "0"], "unfit-lifetime"),
            (["--server", "s", "--client", "c", "--key-type", "dsa"], "unknown-key-type"),
        ])
    func wrongArguments(arguments: [String], identifier: String) async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run(["tls", "issue", "--output", scratch.file("tls")] + arguments)
        #expect(result.status == 64)
        #expect(result.error.contains("[\(identifier)]"))
        #expect(scratch.contents == [])
    }

    @Test("an existing authority issues another set, and its key is not copied")
    func existingAuthority() async throws {
        let scratch = try ScratchFolder()
        let first = try await BuiltCommand.run(
            "tls", "issue", "--server", "a.example", "--client", "c", "--output", scratch.file("first"), "--ca-key-output",
            scratch.file("offline.pem"))
        #expect(first.status == 0, "\(first.error)")
        #expect(!scratch.contents.contains("first/ca_key.pem"))
        #expect(try FileManager.default.attributesOfItem(atPath: scratch.file("offline.pem"))[.posixPermissions] as? Int == 0o600)
        let second = try await BuiltCommand.run(
            "tls", "issue", "--server", "b.example", "--one-way", "--output", scratch.file("second"), "--ca-certificate",
            scratch.file("first/ca_cert.pem"), "--ca-key", scratch.file("offline.pem"), "--key-type", "p384")
        #expect(second.status == 0, "\(second.error)")
        #expect(!scratch.contents.contains { $0.hasPrefix("second/client") || $0 == "second/ca_key.pem" })
        #expect(
            try String(contentsOfFile: scratch.file("first/ca_cert.pem"), encoding: .utf8)
                == String(contentsOfFile: scratch.file("second/ca_cert.pem"), encoding: .utf8))
        let configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("second/ssl.cfg"), encoding: .utf8))
        #expect(!configuration.clientVerify)
        #expect(configuration.customCA.isEmpty)
        let stranger = try await BuiltCommand.run(
            "tls", "issue", "--server", "b.example", "--one-way", "--output", scratch.file("third"), "--ca-certificate",
            scratch.file("first/ca_cert.pem"), "--ca-key", scratch.file("second/server/key.pem"))
        #expect(stranger.status == 64)
        #expect(stranger.error.contains("[not-an-authority]"))
    }

    @Test("a renewed set has the same names and authority, new keys and a new end")
    func renew() async throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("tls")
        let issued = try await BuiltCommand.run(
            "tls", "issue", "--server", "a.example", "--server", "10.0.0.7", "--client", "c", "--days", "5", "--output", folder)
        #expect(issued.status == 0)
        let authority = try String(contentsOfFile: "\(folder)/ca_cert.pem", encoding: .utf8)
        let key = try String(contentsOfFile: "\(folder)/server/key.pem", encoding: .utf8)
        let renewed = try await BuiltCommand.run("tls", "renew", folder, "--days", "90")
        #expect(renewed.status == 0, "\(renewed.error)")
        #expect(renewed.output.contains("a.example, 10.0.0.7"))
        #expect(try String(contentsOfFile: "\(folder)/ca_cert.pem", encoding: .utf8) == authority)
        #expect(try String(contentsOfFile: "\(folder)/server/key.pem", encoding: .utf8) != key)
        try await self.expectChain(in: folder, name: "a.example")
    }

    @Test("show tells what a set is fit for, and status 78 when it is not")
    func show() async throws {
        struct Shown: Decodable {
            struct Certificate: Decodable {
                let names: [String]
                let isForServers: Bool
            }
            struct Finding: Decodable { let identifier: String }
            let mutual: Bool
            let daysLeft: Int
            let certificates: [String: Certificate]
            let findings: [Finding]
        }
        let scratch = try ScratchFolder()
        let folder = scratch.file("tls")
        for name in ["tls", "other"] {
            _ = try await BuiltCommand.run(
                "tls", "issue", "--server", "a.example", "--server", "::1", "--client", "c", "--output", scratch.file(name))
        }
        let good = try await BuiltCommand.run("tls", "show", folder, "--json")
        #expect(good.status == 0, "\(good.error)")
        let shown = try JSONDecoder().decode(Shown.self, from: Data(good.output.utf8))
        #expect(shown.mutual)
        #expect(shown.daysLeft == 364 || shown.daysLeft == 365)
        #expect(shown.certificates["server/cert.pem"]?.names == ["a.example", "0:0:0:0:0:0:0:1"])
        #expect(shown.certificates["client/cert.pem"]?.isForServers == false)
        #expect(shown.findings.isEmpty)
        // The server's certificate of another set, and a key that others may read.
        try scratch.write([UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.file("other/server/cert.pem")))), to: "tls/server/cert.pem")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder)/client/key.pem")
        let bad = try await BuiltCommand.run("tls", "show", folder, "--json")
        #expect(bad.status == 78)
        let found = try JSONDecoder().decode(Shown.self, from: Data(bad.output.utf8)).findings.map(\.identifier)
        #expect(Set(found) == ["other-authority", "other-key", "readable-key"])
    }

    private static let python = Checkout.path + "/.venv-conformance/bin/python"

    @Test(
        "ssl.cfg is read by protobuf's own parser, as the upstream server reads it",
        .enabled(if: FileManager.default.fileExists(atPath: Self.python), "needs the environment of make conformance"))
    func upstreamParser() async throws {
        let scratch = try ScratchFolder()
        for (arguments, fields) in [
            (["--client", "c"], "server_key server_cert custom_ca client_verify"), (["--one-way", "--key-type", "rsa"], "server_key server_cert"),
        ] {
            let issued = try await BuiltCommand.run(
                ["tls", "issue", "--server", "a.example", "--output", scratch.file("tls"), "--force"] + arguments)
            #expect(issued.status == 0, "\(issued.error)")
            let read = try await Subprocess.run(
                .path(FilePath(Self.python)), arguments: [Checkout.path + "/tools/check-ssl-config", scratch.file("tls/ssl.cfg")],
                output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
            #expect(read.standardOutput == fields + "\n", "\(read.standardError)")
        }
    }
}
