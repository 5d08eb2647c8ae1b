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

    @Test("verify takes the RA-TLS certificate that carries a quote, and what is none is malformed")
    func certificate() async throws {
        let scratch = try ScratchFolder()
        let collateral = try Self.collateral(in: scratch)
        // A certificate of a real client; its stand-in quote is shaped like one and signed by nobody.
        let certificate = SharedVectors.path("ra-tls/gramine13-legacy.der")
        let refused = try await BuiltCommand.run("quote", "verify", "--certificate", certificate, "--collateral", collateral, "--json")
        #expect([65, 77].contains(refused.status), "\(refused.error)")
        let checks = try #require(try Self.object(refused.output)["checks"] as? [[String: Any]])
        #expect(checks.contains { $0["outcome"] as? String == "failed" })
        let file = try scratch.write([0x30, 0x00], to: "no.der")
        let malformed = try await BuiltCommand.run("quote", "verify", "--certificate", file, "--collateral", collateral)
        #expect(malformed.status == 65)
        #expect(malformed.error.contains("evidence.format"))
        let both = try await BuiltCommand.run("quote", "verify", "--quote", Self.quote, "--certificate", file, "--collateral", collateral)
        #expect(both.status == 64)
        let nobody = try await BuiltCommand.run("quote", "verify", "--connect", "127.0.0.1:1", "--collateral", collateral)
        #expect(nobody.status == 69)
        #expect(nobody.error.contains("[peer-unavailable]"))
        for address in ["server", "server:", ":1", "server:0", "::1:5", "a:b"] {
            let result = try await BuiltCommand.run("quote", "verify", "--connect", address, "--collateral", collateral)
            #expect(result.error.contains("[invalid-address]"), "\(address)")
        }
        let noCollateral = try await BuiltCommand.run("quote", "verify", "--quote", Self.quote)
        #expect(noCollateral.status == 64)
        #expect(noCollateral.error.contains("[missing-collateral]"))
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

    @Test("a quote of a trust domain is shown and verified with its measurements")
    func trustDomain() async throws {
        let scratch = try ScratchFolder()
        let pieces = [
            "tcb_info.json": "tcbinfo-tdx-v3-90c06f000000-20260218-e18-4552.json", "tcb_info_issuer_chain.pem": "tcb-signing-chain-c0575e76.pem",
            "qe_identity.json": "qeidentity-tdx-v2-20260218-e18-34a2.json", "qe_identity_issuer_chain.pem": "tcb-signing-chain-c0575e76.pem",
            "pck_crl.der": "pckcrl-platform-20260218-de5b.der", "root_ca_crl.der": "rootcacrl-20260226.der",
        ]
        for (name, source) in pieces { try scratch.write(try SharedVectors.read("dcap/collateral/\(source)"), to: "collateral/\(name)") }
        let quote = SharedVectors.path("dcap/quotes/tdx-v5-90c06f000000-d21a11db.bin")
        let result = try await BuiltCommand.run(
            "quote", "verify", "--quote", quote, "--collateral", scratch.file("collateral"), "--at", "1773057157", "--json")
        #expect(result.status == 0)
        let object = try Self.object(result.output)
        #expect(object["tcbStatus"] as? String == "TDRelaunchAdvised")
        let fields = try #require(object["quote"] as? [String: Any])
        #expect(fields["tee"] as? String == "TDX")
        #expect((fields["mrTD"] as? String)?.count == 96 && (fields["rtmr3"] as? String)?.count == 96)
        #expect((fields["teeTCBSVN"] as? String)?.hasPrefix("040103") == true)
        let shown = try await BuiltCommand.run("quote", "show", quote)
        #expect(shown.output.contains("MRTD         \(try #require(fields["mrTD"] as? String))"))
    }
}

@Suite("sealwright quote verify --policy, with a simulated platform")
struct QuotePolicyCommandTests {
    /// A platform, collateral of both kinds, a quote of each, and a policy that names both; whose secret is not there, since none is touched.
    private struct Setting {
        let scratch: ScratchFolder

        init() async throws {
            self.scratch = try ScratchFolder()
            _ = try await BuiltCommand.run("simulate", "init", "--output", self.scratch.file("platform"))
            for tee in ["sgx", "tdx"] {
                let quote = try await BuiltCommand.run(
                    "simulate", "quote", "--platform", self.scratch.file("platform"), "--report-data", "00ff", "--tee", tee)
                try self.scratch.write(Array(quote.output.utf8), to: "\(tee).hex")
                let collateral = try await BuiltCommand.run(
                    "simulate", "collateral", "--platform", self.scratch.file("platform"), "--tee", tee, "--output", self.scratch.file(tee))
                #expect(collateral.status == 0, "\(collateral.error)")
            }
        }

        func policy(production: Bool = false, mrEnclave: String = "e1", mrTD: String = "7d") throws -> String {
            let text = """
                version: 1
                secrets: [{ name: key, file: no-such-file, production: \(production) }]
                rules:
                  - secret: key
                    sgx: { mr_enclave: ["\(String(repeating: mrEnclave, count: 32))"] }
                  - secret: key
                    tdx: { mr_td: "\(String(repeating: mrTD, count: 48))", rtmr1: ["\(String(repeating: "a1", count: 48))"] }
                """
            return try self.scratch.write(Array(text.utf8), to: "policy.yaml")
        }

        func verify(_ tee: String, policy: String) async throws -> BuiltCommand.Result {
            try await BuiltCommand.run(
                "quote", "verify", "--quote", self.scratch.file("\(tee).hex"), "--collateral", self.scratch.file(tee), "--root",
                self.scratch.file("platform/root-ca.der"), "--policy", policy, "--json")
        }
    }

    private static func appraisal(_ output: String) throws -> [String: Any] {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        return try #require(object["appraisal"] as? [String: Any])
    }

    @Test("a rule that names the enclave or the trust domain accepts; one that does not refuses with 77", arguments: ["sgx", "tdx"])
    func policy(tee: String) async throws {
        let setting = try await Setting()
        let accepted = try await setting.verify(tee, policy: try setting.policy())
        #expect(accepted.status == 0, "\(accepted.error)")
        let appraisal = try Self.appraisal(accepted.output)
        #expect(appraisal["verdict"] as? String == "accepted")
        #expect(
            (appraisal["rules"] as? [[String: Any]])?.map { $0["verdict"] as? String }
                == (tee == "sgx" ? ["accepted", "refused"] : ["refused", "accepted"]))

        let other = try await setting.verify(tee, policy: try setting.policy(mrEnclave: "aa", mrTD: "bb"))
        #expect(other.status == 77)
        #expect(try Self.appraisal(other.output)["verdict"] as? String == "refused")
        #expect(other.error.contains(tee == "sgx" ? "appraisal.mr-enclave" : "appraisal.mr-td"))

        let production = try await setting.verify(tee, policy: try setting.policy(production: true))
        #expect(production.status == 77)
        #expect(production.error.contains("appraisal.simulated-evidence"))
    }
}
