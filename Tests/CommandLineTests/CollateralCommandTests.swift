// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright collateral")
struct CollateralCommandTests {
    /// A simulated platform, a quote of it, and a running service of its collateral.
    private struct Site: Sendable {
        let scratch: ScratchFolder
        let server: RunningCommand
        let base: String
        let quote: String

        init() async throws {
            self.scratch = try ScratchFolder()
            _ = try await BuiltCommand.run("simulate", "init", "--output", self.scratch.file("platform"))
            let quote = try await BuiltCommand.run("simulate", "quote", "--platform", self.scratch.file("platform"), "--report-data", "00")
            self.quote = try self.scratch.write(Array(quote.output.utf8), to: "quote.hex")
            self.server = try RunningCommand(["simulate", "collateral", "--platform", self.scratch.file("platform"), "--port", "0"])
            let address = try #require(try await self.server.firstLine().split(separator: " ").last)
            self.base = "http://\(address)/sgx/certification/v4/"
        }

        var root: String { self.scratch.file("platform/root-ca.der") }
    }

    private static func objects(_ text: String) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    @Test("goes from a service by a cache and a bundle into another cache, and verifies the quote at each stage")
    func journey() async throws {
        let site = try await Site()
        let scratch = site.scratch
        func verify(_ collateral: String) async throws -> BuiltCommand.Result {
            try await BuiltCommand.run("quote", "verify", "--quote", site.quote, "--collateral", collateral, "--root", site.root)
        }
        let fetched = try await BuiltCommand.run(
            "collateral", "fetch", "--pccs-url", site.base, "--quote", site.quote, "--cache", scratch.file("cache"), "--output",
            scratch.file("folder"), "--json")
        #expect(fetched.status == 0, "\(fetched.error)")
        let entry = try #require(try JSONSerialization.jsonObject(with: Data(fetched.output.utf8)) as? [String: Any])
        #expect(entry["tee"] as? String == "SGX")
        #expect(entry["source"] as? String == site.base)
        #expect(entry["isValid"] as? Bool == true)
        let fmspc = try #require(entry["fmspc"] as? String)
        #expect(try await verify(scratch.file("folder")).status == 0)

        let exported = try await BuiltCommand.run(
            "collateral", "export", "--cache", scratch.file("cache"), "--output", scratch.file("bundle.json"))
        #expect(exported.status == 0, "\(exported.error)")
        #expect(exported.output.contains(fmspc))
        #expect(try await verify(scratch.file("bundle.json")).status == 0)
        let again = try await BuiltCommand.run(
            "collateral", "export", "--cache", scratch.file("cache"), "--output", scratch.file("bundle.json"))
        #expect(again.status == 73)

        let imported = try await BuiltCommand.run("collateral", "import", scratch.file("bundle.json"), "--cache", scratch.file("other"), "--json")
        #expect(try Self.objects(imported.output).map { $0["isImported"] as? Bool } == [true])
        let unneeded = try await BuiltCommand.run("collateral", "import", scratch.file("bundle.json"), "--cache", scratch.file("other"), "--json")
        #expect(try Self.objects(unneeded.output).map { $0["isImported"] as? Bool } == [false])

        for arguments in [["--cache", scratch.file("other")], [scratch.file("bundle.json")], [scratch.file("folder")]] {
            let shown = try await BuiltCommand.run(["collateral", "show", "--json"] + arguments)
            #expect(try Self.objects(shown.output).map { $0["fmspc"] as? String } == [fmspc])
            let late = try await BuiltCommand.run(["collateral", "show", "--at", "2199-01-01T00:00:00Z"] + arguments)
            #expect(late.output.contains("NOT VALID NOW"))
        }
        #expect(await site.server.stop() == 0)
    }

    @Test("is fetched for a platform that is named by its FMSPC")
    func byFMSPC() async throws {
        let site = try await Site()
        let shown = try await BuiltCommand.run("quote", "show", site.quote, "--json")
        let quote = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
        let fmspc = try #require((quote["platform"] as? [String: Any])?["fmspc"] as? String)
        let fetched = try await BuiltCommand.run("collateral", "fetch", "--pccs-url", site.base, "--fmspc", fmspc.uppercased())
        #expect(fetched.status == 0, "\(fetched.error)")
        #expect(fetched.output.contains("SGX, FMSPC \(fmspc), platform CA"))
        let unknown = try await BuiltCommand.run("collateral", "fetch", "--pccs-url", site.base, "--fmspc", "0123456789ab")
        #expect(unknown.status == 69)
        #expect(unknown.error.contains("[collateral-unavailable]"))
        #expect(await site.server.stop() == 0)
    }

    @Test("is fetched by quote verify, and kept, so that the next run needs no service")
    func verifyingFetches() async throws {
        let site = try await Site()
        let cache = site.scratch.file("cache")
        let first = try await BuiltCommand.run(
            "quote", "verify", "--quote", site.quote, "--root", site.root, "--pccs-url", site.base, "--collateral-cache", cache)
        #expect(first.status == 0, "\(first.error)")
        #expect(await site.server.stop() == 0)
        let second = try await BuiltCommand.run("quote", "verify", "--quote", site.quote, "--root", site.root, "--collateral-cache", cache)
        #expect(second.status == 0, "\(second.error)")
        let none = try await BuiltCommand.run(
            "quote", "verify", "--quote", site.quote, "--root", site.root, "--collateral-cache", site.scratch.file("no"))
        #expect(none.status == 69)
        #expect(none.error.contains("collateral import"))
    }

    @Test("tells on which day the status of a platform changes, and to what")
    func forecast() async throws {
        let scratch = try ScratchFolder()
        _ = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        let made = try await BuiltCommand.run("simulate", "quote", "--platform", scratch.file("platform"), "--report-data", "00")
        let quote = try scratch.write(Array(made.output.utf8), to: "quote.hex")
        let server = try RunningCommand([
            "simulate", "collateral", "--platform", scratch.file("platform"), "--port", "0", "--early", "out-of-date-platform",
        ])
        let address = try #require(try await server.firstLine().split(separator: " ").last)
        let options = ["--pccs-url", "http://\(address)/sgx/certification/v4/", "--root", scratch.file("platform/root-ca.der")]
        let text = try await BuiltCommand.run(["collateral", "forecast", "--quote", quote] + options)
        #expect(text.status == 0, "\(text.error)")
        #expect(text.output.contains("changes on 2027-11-10: UpToDate -> OutOfDate"), "\(text.output)")
        let json = try await BuiltCommand.run(["collateral", "forecast", "--quote", quote, "--json"] + options)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let step = try #require((object["upcoming"] as? [[String: Any]])?.first)
        #expect(step["standardFrom"] as? String == "2027-11-10T00:00:00Z")
        #expect(step["status"] as? String == "OutOfDate")
        #expect(await server.stop() == 0)
    }

    @Test("says what is wrong with the way it was asked for")
    func wrongUses() async throws {
        let scratch = try ScratchFolder()
        let file = try scratch.write([0x7b], to: "broken.json")
        let cases: [(arguments: [String], status: Int32, code: String)] = [
            (["fetch", "--fmspc", "00606a000000"], 64, "missing-collateral-service"),
            (["fetch", "--profile", "aws", "--fmspc", "00606a000000"], 64, "bad-collateral-profile"),
            (["fetch", "--profile", "alibaba", "--fmspc", "00606a000000"], 64, "bad-collateral-profile"),
            (["fetch", "--profile", "intel", "--pccs-url", "https://h/sgx/certification/v4/", "--fmspc", "00606a000000"], 64, "conflicting-options"),
            (["fetch", "--pccs-url", "https://h/", "--fmspc", "00606a000000"], 64, "bad-collateral-url"),
            (["fetch", "--profile", "intel"], 64, "missing-platform"), (["fetch", "--profile", "intel", "--fmspc", "zz"], 64, "invalid-fmspc"),
            (["fetch", "--profile", "intel", "--fmspc", "00606a000000", "--tee", "sev"], 64, "invalid-tee"),
            (["fetch", "--profile", "intel", "--fmspc", "00606a000000", "--ca", "root"], 64, "invalid-ca"),
            (["fetch", "--profile", "intel", "--fmspc", "00606a000000", "--update", "late"], 64, "invalid-update"),
            (["fetch", "--profile", "intel", "--fmspc", "00606a000000", "--update", "early", "--cache", scratch.file("c")], 64, "early-in-cache"),
            (["fetch", "--pccs-url", "http://127.0.0.1:1/sgx/certification/v4/", "--fmspc", "00606a000000"], 69, "collateral-unavailable"),
            (["show"], 64, "missing-collateral"), (["show", file], 65, "bundle-malformed"), (["show", scratch.file("none")], 66, "unreadable-file"),
            (["show", "--cache", scratch.file("none")], 66, "no-collateral-cache"),
            (["export", "--cache", scratch.path, "--output", scratch.file("out.json")], 66, "empty-collateral-cache"),
            (["import", file, "--cache", scratch.file("cache")], 65, "bundle-malformed"),
            (["import", scratch.file("none"), "--cache", scratch.file("cache")], 66, "unreadable-file"),
            (["forecast", "--profile", "intel"], 64, "missing-platform"),
        ]
        for (arguments, status, code) in cases {
            let result = try await BuiltCommand.run(["collateral"] + arguments)
            #expect(result.status == status, "\(arguments)")
            #expect(result.error.contains("[\(code)]"), "\(arguments): \(result.error)")
            #expect(result.error.contains("what to do: "), "\(arguments): \(result.error)")
        }
        // Nothing was made on the way to an error.
        #expect(!FileManager.default.fileExists(atPath: scratch.file("out.json")))
    }
}
