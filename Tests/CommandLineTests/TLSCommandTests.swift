// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelServing
import SwiftASN1
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
    private func expectChain(in folder: String) async throws {
        func certificate(_ name: String) throws -> Certificate {
            try Certificate(pemEncoded: String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
        }
        let authority = try certificate("ca_cert.pem")
        for name in ["server/cert.pem", "client/cert.pem"] {
            var verifier = Verifier(rootCertificates: CertificateStore([authority])) { RFC5280Policy() }
            let result = await verifier.validate(leaf: try certificate(name), intermediates: CertificateStore([]))
            guard case .validCertificate = result else {
                Issue.record("\(name): \(result)")
                return
            }
        }
        let names = try #require(try certificate("server/cert.pem").extensions.subjectAlternativeNames)
        #expect(names.contains(.dnsName("grpc.tf-serving.service.com")))
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
}
