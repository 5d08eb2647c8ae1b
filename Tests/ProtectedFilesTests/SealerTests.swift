// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ProtectedFiles
import TestSupport
import Testing

@Suite("ProtectedFileSealer and ProtectedFileOpener")
struct SealerTests {
    @Test(
        "what was sealed opens to the same bytes at every boundary of the layout, in both versions",
        arguments: [0, 1, 3071, 3072, 3073, 7167, 7168, 7169, 396_287, 396_288, 396_289, 789_504, 789_505], [FormatVersion.version1, .version2])
    func roundTrip(count: Int, version: FormatVersion) throws {
        let scratch = try ScratchFolder()
        let plaintext = Samples.plaintext(count)
        let input = try scratch.write(plaintext, to: "in")
        let sealer = ProtectedFileSealer(key: Samples.key, formatVersion: version)
        #expect(try sealer.seal(input, to: scratch.file("sealed"), mountPath: "./m//x/../sealed/").bytes == count)
        let outside = max(0, count - 3072)
        let data = (outside + 4095) / 4096
        let sealed = try InputFile.readAll(scratch.file("sealed"))
        #expect(sealed.count == (1 + data + (data + 95) / 96) * 4096)
        #expect(sealed[8] == version.number)
        #expect(sealed[9] == 0)
        if version == .version2 { #expect(sealed[58] == 0) }
        #expect(sealed[(version == .version1 ? 3942 : 3943)..<4096].allSatisfy { $0 == 0 })
        let opener = ProtectedFileOpener(key: Samples.key)
        #expect(try opener.open(scratch.file("sealed"), to: scratch.file("out"), mountPath: "m/sealed").bytes == count)
        #expect(try InputFile.readAll(scratch.file("out")) == plaintext)
        #expect(try ProtectedFileReader(path: scratch.file("sealed"), key: Samples.key).embeddedPath == "m/sealed")
    }

    @Test("sealing twice shares no node: every key and nonce is fresh")
    func freshKeys() throws {
        let plaintext = [UInt8](repeating: 7, count: 20_000)
        let sealer = ProtectedFileSealer(key: Samples.key)
        let files = try (0..<2).map { _ in try sealer.seal(plaintext, mountPath: "same") }
        let nodes = Set(files.flatMap { file in stride(from: 10, to: file.count, by: 4096).map { Array(file[$0..<$0 + 16]) } })
        #expect(nodes.count == 2 * files[0].count / 4096)
    }

    @Test("a folder is sealed with each file's path, and opened again")
    func folder() throws {
        let scratch = try ScratchFolder()
        let files = ["saved_model.pb": 5000, "variables/variables.index": 10, "variables/deep/er/data": 400_000, "assets/empty": 0]
        for (name, count) in files { try scratch.write(Samples.plaintext(count), to: "in/\(name)") }
        let summary = try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("sealed"), mountPath: "models/m/1/")
        #expect(summary.files == 4)
        #expect(summary.bytes == 405_010)
        for (name, _) in files {
            _ = try ProtectedFileReader(path: scratch.file("sealed/\(name)"), key: Samples.key, expectedPath: "models/m/1/\(name)")
        }
        let opened = try ProtectedFileOpener(key: Samples.key).open(scratch.file("sealed"), to: scratch.file("out"), mountPath: "models/m/1")
        #expect(opened.files == summary.files && opened.bytes == summary.bytes)
        for (name, count) in files { #expect(try InputFile.readAll(scratch.file("out/\(name)")) == Samples.plaintext(count)) }
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.file("out/saved_model.pb"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("one damaged or moved file in a folder leaves no output at all")
    func damagedFolder() throws {
        let scratch = try ScratchFolder()
        for name in ["in/a", "in/b"] { try scratch.write(Samples.plaintext(9000), to: name) }
        _ = try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("sealed"), mountPath: "m")
        let opener = ProtectedFileOpener(key: Samples.key)
        let sealed = try InputFile.readAll(scratch.file("sealed/b"))
        try scratch.write(try InputFile.readAll(scratch.file("sealed/a")), to: "sealed/b")
        let before = scratch.contents
        let moved = #expect(throws: ProtectedFileError.self) { try opener.open(scratch.file("sealed"), to: scratch.file("out"), mountPath: "m") }
        #expect(moved?.code == .pathMismatch)
        var damaged = sealed
        damaged[9000] ^= 1
        try scratch.write(damaged, to: "sealed/b")
        let error = #expect(throws: ProtectedFileError.self) { try opener.open(scratch.file("sealed"), to: scratch.file("out")) }
        #expect(error?.code == .dataAuthentication)
        #expect(scratch.contents == before)
    }

    @Test("a symbolic link in a folder is refused before anything is written, unless links may be followed")
    func symbolicLink() throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "in/file")
        try FileManager.default.createSymbolicLink(atPath: scratch.file("in/link"), withDestinationPath: "file")
        let before = scratch.contents
        let error = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m")
        }
        #expect(error?.code == .notARegularFile)
        #expect(error?.remedy?.contains("--follow-links") == true)
        #expect(scratch.contents == before)
        let following = ProtectedFileSealer(key: Samples.key, followingLinks: true)
        #expect(try following.seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m").files == 2)
        #expect(try ProtectedFileReader(path: scratch.file("out/link"), key: Samples.key).read(at: 0, count: 9) == [1])
    }

    @Test("links that lead in a circle end in an error")
    func linkCircle() throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "in/file")
        try FileManager.default.createSymbolicLink(atPath: scratch.file("in/again"), withDestinationPath: ".")
        let error = #expect(throws: FileError.self) {
            try ProtectedFileSealer(key: Samples.key, followingLinks: true).seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m")
        }
        #expect(error?.systemError == ELOOP)
        #expect(scratch.contents == ["in", "in/again", "in/file"])
    }

    @Test("a name that is not UTF-8 is refused before anything is written")
    func notUTF8() throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "in/file")
        // Sound: both strings end with a zero and live through the call.
        let folder = scratch.file("in/")
        let status = unsafe rename(folder + "file", (Array(folder.utf8) + [0x66, 0xff, 0]).map { CChar(bitPattern: $0) })
        try #require(status == 0)
        let error = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m")
        }
        #expect(error?.code == .pathNotUTF8)
        #expect(!FileManager.default.fileExists(atPath: scratch.file("out")))
    }

    @Test("a file that has another length than it said is refused", .enabled(if: FileManager.default.fileExists(atPath: "/proc/version")))
    func changedInput() throws {
        let scratch = try ScratchFolder()
        // The system makes this file when it is read; until then it has no length.
        let error = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileSealer(key: Samples.key).seal("/proc/version", to: scratch.file("out"), mountPath: "m")
        }
        #expect(error?.code == .inputChanged)
        #expect(scratch.contents == [])
    }

    @Test(
        "a folder with an over-long or missing mount path is refused before anything is written",
        arguments: ["", String(repeating: "m", count: 770)])
    func folderPath(mountPath: String) throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "in/file")
        let error = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("out"), mountPath: mountPath)
        }
        #expect(error?.code == (mountPath.isEmpty ? .pathEmpty : .pathTooLong))
        #expect(scratch.contents == ["in", "in/file"])
    }

    @Test("an existing output is kept unless it may be replaced", arguments: [false, true])
    func existingOutput(isFolder: Bool) throws {
        let scratch = try ScratchFolder()
        try scratch.write([1, 2, 3], to: isFolder ? "in/file" : "in")
        try scratch.write([9], to: isFolder ? "out/old" : "out")
        let seal = { (replacing: Bool) in
            try ProtectedFileSealer(key: Samples.key, replacing: replacing).seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m")
        }
        let error = #expect(throws: FileError.self) { try seal(false) }
        #expect(error?.identifier == "output-exists")
        _ = try seal(true)
        let reader = try ProtectedFileReader(path: scratch.file(isFolder ? "out/file" : "out"), key: Samples.key)
        #expect(try reader.read(at: 0, count: 9) == [1, 2, 3])
        #expect(scratch.contents.count == (isFolder ? 5 : 2))
    }
}
