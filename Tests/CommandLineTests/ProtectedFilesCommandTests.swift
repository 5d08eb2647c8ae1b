// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("The commands key generate, seal and open")
struct ProtectedFilesCommandTests {
    private let scratch: ScratchFolder

    init() throws { self.scratch = try ScratchFolder() }

    /// Runs a command in the scratch folder.
    private func run(_ line: String) async throws -> BuiltCommand.Result {
        try await BuiltCommand.run(line.split(separator: " ").map(String.init), workingDirectory: self.scratch.path)
    }

    private func read(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: self.scratch.file(name)))) }

    @Test("a generated key seals a file that opens to the same bytes, with the output as its path")
    func roundTrip() async throws {
        let plaintext = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try self.scratch.write(plaintext, to: "model.pb")
        #expect(try await self.run("key generate --output key").status == 0)
        let sealed = try await self.run("seal --key key --input model.pb --output ./model.sealed")
        #expect(sealed.status == 0)
        #expect(sealed.output == "sealed 1 file, 10000 bytes of plaintext: ./model.sealed\n")
        #expect(sealed.error.isEmpty)
        #expect(try self.read("model.sealed")[8] == 1)
        let opened = try await self.run("open --key key --input model.sealed --output plain --mount-path model.sealed --json")
        #expect(opened.status == 0)
        #expect(opened.output == #"{"bytes":10000,"files":1,"output":"plain"}"# + "\n")
        #expect(try self.read("plain") == plaintext)
        let mode = try FileManager.default.attributesOfItem(atPath: self.scratch.file("key"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("a folder is sealed in version 2 for a mount path and opened under it")
    func folder() async throws {
        try self.scratch.write([1, 2, 3], to: "in/1/saved_model.pb")
        try self.scratch.write([4], to: "in/1/variables/data")
        _ = try await self.run("key generate --output key")
        let sealed = try await self.run("seal --key key --input in --output out --mount-path models/m --format-version 2")
        #expect(sealed.status == 0)
        #expect(sealed.output.hasPrefix("sealed 2 files, 4 bytes of plaintext: out\nmanifest digest: "))
        #expect(try self.read("out/1/variables/data")[8] == 2)
        #expect(try await self.run("open --key key --input out --output plain --mount-path ./models//m").status == 0)
        #expect(try self.read("plain/1/saved_model.pb") == [1, 2, 3])
        let moved = try await self.run("open --key key --input out/1/variables --output other --mount-path models/m/1")
        #expect(moved.status == 65)
        #expect(moved.error.contains("[path-mismatch]"))
    }

    @Test(
        "each bad input has its own identifier and status, and leaves no output",
        arguments: [
            ("open --key key --input sealed --output out --mount-path elsewhere", 65, "path-mismatch"),
            ("open --key other --input sealed --output out", 65, "metadata-auth"),
            ("open --key short --input sealed --output out", 65, "bad-key-size"),
            ("seal --key short --input plain --output out", 65, "bad-key-size"),
            ("open --key key --input cut --output out", 65, "bad-size"),
            ("open --key key --input node --output out", 65, "truncated"),
            ("open --key key --input flipped --output out", 65, "data-auth"),
            ("open --key key --input plain --output out", 65, "bad-size"),
            ("open --key key --input zeros --output out", 65, "bad-magic"),
            ("open --key absent --input sealed --output out", 66, "unreadable-file"),
            ("open --key key --input absent --output out", 66, "unreadable-file"),
            ("seal --key key --input absent --output out", 66, "unreadable-file"),
            ("seal --key key --input plain --output sealed", 73, "output-exists"),
            ("open --key key --input sealed --output plain", 73, "output-exists"),
            ("key generate --output key", 73, "output-exists"),
            ("seal --key key --input plain --output out --mount-path .", 65, "path-empty"),
            ("seal --key key --input /dev/null --output out", 65, "not-a-regular-file"),
            ("seal --key key --input plain --output absent/out", 73, "unwritable-file"),
            ("seal --key key --input plain --output plain/out", 73, "unwritable-file"),
            ("seal --key key --input plain --output out --mount-path \(String(repeating: "m", count: 772))", 65, "path-too-long"),
            ("seal --key key --input linked --output out", 65, "not-a-regular-file"),
            ("seal --key key --input linked --output out --follow-links", 66, "unreadable-file"),
            ("seal --key plain/x --input plain --output out", 66, "unreadable-file"),
            ("open --key key --input linked --output out", 65, "not-a-regular-file"),
            ("open --key key --input flipped --output -", 65, "data-auth"),
            ("verify --key key --input flipped", 65, "data-auth"),
            ("verify --key key --input sealed --mount-path elsewhere", 65, "path-mismatch"),
            ("verify --key key --input mixed", 65, "bad-size"),
            ("verify --key key --input mixed --manifest", 66, "unreadable-file"),
            ("verify --key key --input mixed --manifest-file plain", 65, "bad-manifest"),
            ("inspect --key other --input sealed", 65, "metadata-auth"),
            ("inspect --input zeros", 65, "bad-magic"),
            ("inspect --input mixed", 66, "unreadable-file"),
            ("rewrap --key other --new-key key --input sealed --output out", 65, "metadata-auth"),
            ("rewrap --key key --new-key short --input sealed --output out", 65, "bad-key-size"),
            ("rewrap --key key --new-key other --input flipped --output out --deep", 65, "data-auth"),
        ])
    func badInput(line: String, status: Int32, identifier: String) async throws {
        for key in ["key", "other"] { #expect(try await self.run("key generate --output \(key)").status == 0) }
        try self.scratch.write([UInt8](repeating: 3, count: 15), to: "short")
        try self.scratch.write([UInt8](repeating: 0, count: 4096), to: "zeros")
        try self.scratch.write([UInt8](repeating: 9, count: 10_000), to: "plain")
        #expect(try await self.run("seal --key key --input plain --output sealed").status == 0)
        let sealed = try self.read("sealed")
        try self.scratch.write(Array(sealed.dropLast()), to: "cut")
        try self.scratch.write(Array(sealed.dropLast(4096)), to: "node")
        try self.scratch.write(sealed.enumerated().map { $0 == 9000 ? $1 ^ 1 : $1 }, to: "flipped")
        try self.scratch.write([UInt8](repeating: 9, count: 10), to: "mixed/plain")
        try FileManager.default.createDirectory(atPath: self.scratch.file("linked"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: self.scratch.file("linked/link"), withDestinationPath: "nowhere")
        let before = self.scratch.contents
        let result = try await self.run(line)
        #expect(result.status == status)
        #expect(result.error.contains("[\(identifier)]"))
        #expect(result.error.contains("what to do:"))
        #expect(result.output.isEmpty)
        let asJSON = try await self.run("\(line) --json")
        #expect(asJSON.status == status)
        #expect(asJSON.output.isEmpty)
        let object = try JSONDecoder().decode([String: String].self, from: Data(asJSON.error.utf8))
        #expect(object.keys.sorted() == ["code", "message", "remedy"])
        #expect(object["code"] == identifier)
        #expect(object.values.allSatisfy { !$0.isEmpty })
        #expect(self.scratch.contents == before)
        #expect(try self.read("sealed") == sealed)
    }

    @Test("a wrong format version is a wrong use")
    func formatVersion() async throws {
        let result = try await self.run("seal --key k --input i --output o --format-version 3")
        #expect(result.status == 64)
        #expect(result.error.contains("--format-version <1|2>"))
    }

    @Test("--force replaces a key, a file and a folder")
    func force() async throws {
        try self.scratch.write([1], to: "in/file")
        try self.scratch.write([1], to: "out/old")
        _ = try await self.run("key generate --output key")
        #expect(try await self.run("key generate --output key --force").status == 0)
        #expect(try await self.run("seal --key key --input in --output out --force").status == 0)
        #expect(try await self.run("open --key key --input out/file --output in/file --force --mount-path out/file").status == 0)
        #expect(self.scratch.contents == ["in", "in/file", "key", "out", "out/MANIFEST.sealed.json", "out/file"])
    }

    @Test("a folder that its manifest describes is verified; another state of it, or another manifest, is refused")
    func manifest() async throws {
        try self.scratch.write([1], to: "in/a")
        try self.scratch.write([2], to: "in/b")
        _ = try await self.run("key generate --output key")
        #expect(try await self.run("seal --key key --input in --output old --mount-path m").status == 0)
        let sealed = try await self.run("seal --key key --input in --output out --mount-path m")
        let digest = try #require(sealed.output.split(separator: " ").last).trimmingCharacters(in: .whitespacesAndNewlines)
        let verify = "verify --key key --input out --mount-path m --manifest"
        #expect(try await self.run("\(verify) --manifest-digest \(digest)").status == 0)
        let other = try await self.run("\(verify) --manifest-digest \(String(repeating: "0", count: 64)) --json")
        #expect(other.status == 65)
        #expect(other.error.hasPrefix(#"{"code":"manifest-mismatch","message":"#))
        // A file of an older sealing, authentic by itself.
        try self.scratch.write(try self.read("old/a"), to: "out/a")
        #expect(try await self.run("verify --key key --input out --mount-path m").status == 0)
        let mixed = try await self.run(verify)
        #expect(mixed.status == 65)
        #expect(mixed.error.contains("[manifest-mismatch]"))
    }

    @Test("rewrapping changes the key, and with --deep every node", arguments: [false, true])
    func rewrap(deep: Bool) async throws {
        let plaintext = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        try self.scratch.write(plaintext, to: "in/file")
        for key in ["key", "new"] { _ = try await self.run("key generate --output \(key)") }
        #expect(try await self.run("seal --key key --input in --output s --mount-path m --format-version 2").status == 0)
        #expect(try await self.run("rewrap --key key --new-key new --input s --output t\(deep ? " --deep" : "")").status == 0)
        #expect(try await self.run("open --key key --input t --output no").error.contains("[metadata-auth]"))
        #expect(try await self.run("verify --key new --input t --manifest").status == 0)
        #expect(try await self.run("open --key new --input t --output plain --mount-path m").status == 0)
        #expect(try self.read("plain/file") == plaintext)
        let (before, after) = (try self.read("s/file"), try self.read("t/file"))
        #expect(after[8] == 2)
        #expect((before[4096...] == after[4096...]) == !deep)
    }

    @Test("inspecting shows more with the key than without")
    func inspect() async throws {
        try self.scratch.write([UInt8](repeating: 4, count: 5000), to: "plain")
        _ = try await self.run("key generate --output key")
        _ = try await self.run("seal --key key --input plain --output sealed --mount-path a/b")
        let without = try await self.run("inspect --input sealed --json")
        #expect(without.output.contains(#""authenticated":false"#) && !without.output.contains("a/b"))
        let with = try await self.run("inspect --input sealed --key key --json")
        #expect(with.output.contains(#""embedded_path":"a/b""#) && with.output.contains(#""plaintext_size":5000"#))
    }
}
