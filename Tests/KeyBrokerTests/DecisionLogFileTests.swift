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
