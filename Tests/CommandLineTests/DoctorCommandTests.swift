// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright doctor")
struct DoctorCommandTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            let name: String
            let status: String
            let remedy: String?
        }

        let fit: Bool
        let checks: [Check]

        func status(_ name: String) -> String? { self.checks.first { $0.name == name }?.status }
    }

    private func report(_ arguments: String...) async throws -> (Report, Int32) {
        let result = try await BuiltCommand.run(["doctor", "--json"] + arguments)
        return (try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)), result.status)
    }

    @Test("whatever is bad has a remedy and makes the status 78", arguments: ["owner", "broker", "serving"])
    func roles(role: String) async throws {
        let (report, status) = try await report("--role", role)
        #expect(status == (report.fit ? 0 : 78))
        #expect(report.fit == !report.checks.contains { $0.status == "bad" })
        #expect(report.checks.allSatisfy { $0.status == "good" || $0.remedy?.isEmpty == false })
        #expect(report.status("clock") == "good")
    }

    @Test("a key that others can read, a port that is taken, a set that does not fit and a bad policy are found")
    func faults() async throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "key")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: scratch.file("key"))
        try scratch.write(Array("version: 2".utf8), to: "policy.yaml")
        let made = try await BuiltCommand.run(
            "tls", "issue", "--server", "localhost", "--client", "c", "--days", "1", "--output", scratch.file("tls"))
        #expect(made.status == 0)
        let (report, status) = try await report(
            "--role", "broker", "--key", scratch.file("key"), "--policy", scratch.file("policy.yaml"), "--tls", scratch.file("tls"), "--log",
            scratch.file("nowhere/log"), "--pccs-url", "http://127.0.0.1:1/sgx/certification/v4/", "--port", "0")
        #expect(status == 78)
        for name in ["key", "policy", "audit-log", "collateral.reachable"] { #expect(report.status(name) == "bad", "\(name)") }
        #expect(report.status("certificates") == "warning")
        #expect(report.status("port") == "good")
    }

    @Test("the table is for people")
    func table() async throws {
        let result = try await BuiltCommand.run("doctor", "--role", "owner", "--key", "no-such-key")
        #expect(result.status == 78)
        #expect(result.output.contains("BAD"))
        #expect(result.output.contains("what to do: check the path"))
        #expect(result.output.contains("not fit for the role of owner yet"))
    }
}
