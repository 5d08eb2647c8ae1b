// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright policy from-sigstruct")
struct PolicyCommandTests {
    private static func signed(_ scratch: ScratchFolder, _ name: String, _ change: (inout SigstructFields) -> Void = { _ in }) throws -> String {
        var fields = SigstructFields()
        change(&fields)
        return try scratch.write(try SigstructSigner.shared.get().sign(fields), to: name)
    }

    @Test("what it prints for two builds is a policy's rules, with both in comments and their differences")
    func text() async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run(
            "policy", "from-sigstruct", try Self.signed(scratch, "old.sig"), try Self.signed(scratch, "new.sig") { $0.isvSVN = 4 })
        #expect(result.status == 0)
        #expect(result.output.contains("ISVSVN: 3 → 4"))
        let policy = "version: 1\nsecrets: [{ name: wrap-key, file: key }]\n" + result.output
        let check = try await BuiltCommand.run("broker", "policy", "check", try scratch.write(Array(policy.utf8), to: "policy.yaml"))
        #expect(check.status == 0, "\(check.error)")
    }

    @Test("JSON holds each file, the differences and the rules")
    func json() async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run(
            "policy", "from-sigstruct", try Self.signed(scratch, "old.sig"), try Self.signed(scratch, "new.sig") { $0.isvSVN = 4 }, "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let sigstructs = try #require(object["sigstructs"] as? [[String: Any]])
        #expect(sigstructs.map { $0["isvSVN"] as? Int } == [3, 4])
        #expect(sigstructs.first?["debug"] as? String == "never")
        #expect((object["differences"] as? [[[String: Any]]])?.first?.first?["field"] as? String == "ISVSVN")
        #expect((object["rules"] as? String)?.contains("minimum_isv_svn: 3") == true)
    }

    @Test("an altered file ends with 65, names the check, and gets no rule")
    func altered() async throws {
        let scratch = try ScratchFolder()
        var bytes = try SigstructSigner.shared.get().sign(SigstructFields())
        bytes[960] ^= 1
        let result = try await BuiltCommand.run("policy", "from-sigstruct", try scratch.write(bytes, to: "serve.sig"))
        #expect(result.status == 65)
        #expect(result.error.contains("sigstruct.signature"))
        #expect(result.output.isEmpty)
    }

    @Test("a file that is none ends with 65, a missing one with 66")
    func none() async throws {
        let scratch = try ScratchFolder()
        let other = try await BuiltCommand.run("policy", "from-sigstruct", try scratch.write([1, 2, 3], to: "x.sig"))
        #expect(other.status == 65 && other.error.contains("sigstruct-size"))
        #expect(try await BuiltCommand.run("policy", "from-sigstruct", scratch.file("absent.sig")).status == 66)
    }
}
