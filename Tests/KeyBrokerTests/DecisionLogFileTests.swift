// SPDX-License-Identifier: Apache-2.0

import Foundation
import KeyBroker
import TestSupport
import Testing

@Suite("A decision log's file")
struct DecisionLogFileTests {
    /// A decision that some connection ended in.
    private static func decision() async throws -> Decision {
        var found: Decision?
        try await RunningBroker.with { broker in
            _ = try await broker.ask()
            found = await broker.log.next()
        }
        return try #require(found)
    }

    private static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("has one JSON object a line, for its owner alone")
    func lines() async throws {
        let folder = try ScratchFolder()
        let log = try DecisionLogFile(path: folder.file("log"))
        let decision = try await Self.decision()
        try await log.append(decision)
        try await log.append(decision)
        let lines = try Self.lines(folder.file("log"))
        #expect(lines.count == 3 && lines[2].isEmpty && lines[0] == lines[1])
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try decoder.decode(Decision.self, from: Data(lines[0].utf8)).secret == "wrap-key")
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("log"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("holds what Foundation's encoder would write, whatever the texts are")
    func form() async throws {
        let hash = String(repeating: "ab", count: 32)
        let text = #"quotes \" and \\ and /, \b\f\n\r\t\u0000\u001f\u007f, ä € 😀 \u2028"#
        let check = #"{"id": "a.b", "outcome": "failed", "found": "\#(text)", "expected": "", "source": "s", "remedy": "r"}"#
        let report = #"{"checks": [\#(check), {"id": "c", "outcome": "not-reached"}], "advisoryIDs": ["INTEL-SA-1", "2"], "tcbStatus": "OutOfDate"}"#
        let waiver = #"{"kind": "out-of-date-tcb", "reason": "\#(text)", "expiration": "2026-12-24T00:00:00Z"}"#
        let enclave = #"{"mrEnclave": "\#(hash)", "mrSigner": "\#(hash)", "isvProdID": 65535, "isvSVN": 0, "isVerified": true}"#
        let long = String(repeating: "cd", count: 48)
        let domain = #"{"mrTD": "\#(long)", "mrSeam": "\#(long)", "rtmrs": ["\#(long)", "\#(long)"], "isVerified": false}"#
        let least = #""time": "2026-11-25T01:02:03Z", "door": "ra-tls", "peer": "p", "verdict": "refused""#
        let most = #"""
            "asked": ["\#(text)", ""], "secret": "\#(text)", "secretVersion": 2, "rule": "r", "enclave": \#(enclave), "trustDomain": \#(domain), "root": "simulated",
            "certificateSHA256": "\#(hash)", "evidenceSHA256": "\#(hash)", "policySHA256": "\#(hash)", "waivers": [\#(waiver), \#(waiver)]
            """#
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let folder = try ScratchFolder()
        for (name, object) in [
            ("least", #"{\#(least), "waivers": [], "report": {"checks": [], "advisoryIDs": []}}"#),
            ("most", #"{\#(least), \#(most), "report": \#(report)}"#),
        ] {
            let decision = try decoder.decode(Decision.self, from: Data(object.utf8))
            try await DecisionLogFile(path: folder.file(name)).append(decision)
            let line = try Self.lines(folder.file(name)).first
            let expected = String(decoding: try encoder.encode(decision), as: UTF8.self)
            #expect(line == expected)
        }
    }

    @Test("closes a line that a crash has cut short, so that it spoils no other")
    func cutShort() async throws {
        let folder = try ScratchFolder()
        try folder.write(Array("{\"half\": ".utf8), to: "log")
        try await DecisionLogFile(path: folder.file("log")).append(try await Self.decision())
        let lines = try Self.lines(folder.file("log"))
        #expect(lines.count == 3)
        #expect(lines[0] == "{\"half\": ")
        #expect(lines[1].hasSuffix("}") && lines[2].isEmpty)
    }

    @Test("that is full fails, with what to do")
    func full() async throws {
        let decision = try await Self.decision()
        let error = await #expect(throws: KeyBrokerError.self) { try await DecisionLogFile(path: "/dev/full").append(decision) }
        #expect(error?.code == .logFailed)
        #expect(error?.remedy?.contains("free some space") == true)
    }
}
