// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright quote", .enabled(if: SharedVectors.exist("dcap")))
struct QuoteCommandTests {
    static let quote = SharedVectors.path("dcap/quotes/sgx-v3-00606a000000-268c0681.bin")

    /// A folder of genuine collateral, valid from 2025-09-02 to 2025-09-14.
    private static func collateral(in scratch: ScratchFolder) throws -> String {
        let pieces = [
            "tcb_info.json": "tcbinfo-sgx-v3-00606a000000-20250815-e17-8fdd.json", "tcb_info_issuer_chain.pem": "tcb-signing-chain-c0575e76.pem",
            "qe_identity.json": "qeidentity-sgx-v2-20250815-e17-fac5.json", "qe_identity_issuer_chain.pem": "tcb-signing-chain-c0575e76.pem",
            "pck_crl.der": "pckcrl-platform-20250902-d023.der", "root_ca_crl.der": "rootcacrl-20250320.der",
        ]
        for (name, source) in pieces { try scratch.write(try SharedVectors.read("dcap/collateral/\(source)"), to: "collateral/\(name)") }
        return scratch.file("collateral")
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("verify prints one JSON object and ends with 0 for a genuine quote", arguments: ["1757310618", "2025-09-08T05:50:18Z"])
    func verified(time: String) async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run(
            "quote", "verify", "--quote", Self.quote, "--collateral", try Self.collateral(in: scratch), "--at", time, "--json")
        #expect(result.status == 0)
        let object = try Self.object(result.output)
        #expect(object["verdict"] as? String == "verified")
        #expect(object["tcbStatus"] as? String == "SWHardeningNeeded")
        #expect(object["advisoryIDs"] as? [String] == ["INTEL-SA-00615"])
        #expect((object["platform"] as? [String: Any])?["fmspc"] as? String == "00606a000000")
        #expect((object["quote"] as? [String: Any])?["mrEnclave"] as? String == "3e7830a35057b9938d0fd849d13e3d82dc4abba812f8ffebbbb3d0e5ff1dd661")
        let checks = try #require(object["checks"] as? [[String: Any]])
        #expect(checks.allSatisfy { $0["outcome"] as? String == "passed" })
    }

    @Test("verify ends with 77 for a refused quote and names the check")
    func refused() async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run(
            "quote", "verify", "--quote", Self.quote, "--collateral", try Self.collateral(in: scratch), "--at", "1757826499", "--json")
        #expect(result.status == 77)
        #expect(result.error.contains("quote-refused"))
        #expect(try Self.object(result.output)["verdict"] as? String == "refused")
    }

    @Test("verify refuses another root")
    func otherRoot() async throws {
        let scratch = try ScratchFolder()
        let root = try scratch.write([0x30, 0x00], to: "root.der")
        let result = try await BuiltCommand.run(
            "quote", "verify", "--quote", Self.quote, "--collateral", try Self.collateral(in: scratch), "--at", "1757310618", "--root", root)
        #expect(result.status == 77)
        #expect(result.error.contains("pck-chain.root-pinned"))
    }

    @Test("verify ends with 65 for what is not a quote")
    func malformed() async throws {
        let scratch = try ScratchFolder()
        let file = try scratch.write([3, 0, 2, 0, 0], to: "quote.bin")
        let result = try await BuiltCommand.run(
            "quote", "verify", "--quote", file, "--collateral", try Self.collateral(in: scratch), "--json")
        #expect(result.status == 65)
        #expect(result.error.contains("quote-malformed"))
        #expect(try Self.object(result.output)["verdict"] as? String == "malformed")
    }

    @Test("wrong uses say what is wrong")
    func wrongUses() async throws {
        let scratch = try ScratchFolder()
        let time = try await BuiltCommand.run("quote", "verify", "--quote", Self.quote, "--collateral", scratch.path, "--at", "yesterday")
        #expect(time.status == 64)
        #expect(time.error.contains("[invalid-time]"))
        let folder = try await BuiltCommand.run("quote", "verify", "--quote", Self.quote, "--collateral", scratch.file("none"))
        #expect(folder.status == 66)
        #expect(folder.error.contains("[no-collateral-folder]"))
    }

    @Test("show prints a quote given in hexadecimal text")
    func show() async throws {
        let scratch = try ScratchFolder()
        let hex = try SharedVectors.read("dcap/quotes/sgx-v3-00606a000000-268c0681.bin").map { String(format: "%02x", $0) }.joined()
        let file = try scratch.write(Array((hex + "\n").utf8), to: "quote.hex")
        let result = try await BuiltCommand.run("quote", "show", file)
        #expect(result.status == 0)
        #expect(result.output.contains("MRENCLAVE    3e7830a35057b993"))
    }
}
