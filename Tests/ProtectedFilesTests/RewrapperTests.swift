// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ProtectedFiles
import TestSupport
import Testing

@Suite("ProtectedFileRewrapper")
struct RewrapperTests {
    private static func rewrapper(deep: Bool = false, replacing: Bool = false) -> ProtectedFileRewrapper {
        ProtectedFileRewrapper(from: Samples.key, to: Samples.otherKey, isDeep: deep, replacing: replacing)
    }

    @Test(
        "the new key opens the file, the old one does not, and only a deep rewrap changes the other nodes",
        arguments: [0, 3072, 5000, 900_000], [false, true])
    func keys(size: Int, deep: Bool) throws {
        let scratch = try ScratchFolder()
        let plaintext = Samples.plaintext(size)
        let before = try ProtectedFileSealer(key: Samples.key, formatVersion: .version2).seal(plaintext, mountPath: "a/b")
        try scratch.write(before, to: "old")
        #expect(try Self.rewrapper(deep: deep).rewrap(scratch.file("old"), to: scratch.file("new")).bytes == size)
        let reader = try ProtectedFileReader(path: scratch.file("new"), key: Samples.otherKey, expectedPath: "a/b")
        #expect(reader.formatVersion == .version2)
        #expect(try reader.read(at: 0, count: .max) == plaintext)
        let error = #expect(throws: ProtectedFileError.self) { try ProtectedFileReader(path: scratch.file("new"), key: Samples.key) }
        #expect(error?.code == .metadataAuthentication)
        let after = try InputFile.readAll(scratch.file("new"))
        #expect(after.count == before.count)
        for node in stride(from: 0, to: after.count, by: 4096) {
            let isSame = after[node..<node + 4096] == before[node..<node + 4096]
            #expect(isSame == (!deep && node > 0), "node at \(node)")
        }
    }

    @Test("a file can take its own place, and whole nodes behind its end are left behind", arguments: [false, true])
    func inPlace(deep: Bool) throws {
        let scratch = try ScratchFolder()
        let sealed = try ProtectedFileSealer(key: Samples.key).seal(Samples.plaintext(9000), mountPath: "m")
        let path = try scratch.write(sealed + [UInt8](repeating: 0, count: 8192), to: "file")
        let refused = #expect(throws: FileError.self) { try Self.rewrapper(deep: deep).rewrap(path, to: path) }
        #expect(refused?.identifier == "output-exists")
        _ = try Self.rewrapper(deep: deep, replacing: true).rewrap(path, to: path)
        #expect(try InputFile.readAll(path).count == sealed.count)
        #expect(try ProtectedFileReader(path: path, key: Samples.otherKey).read(at: 0, count: .max) == Samples.plaintext(9000))
        #expect(scratch.contents == ["file"])
    }

    @Test("a folder gets a manifest of its new state, when it had one that fits", arguments: [false, true])
    func folder(deep: Bool) throws {
        let scratch = try ScratchFolder()
        for name in ["in/1/a", "in/1/b"] { try scratch.write(Samples.plaintext(5000), to: name) }
        let sealed = try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("old"), mountPath: "m")
        let rewrapped = try Self.rewrapper(deep: deep).rewrap(scratch.file("old"), to: scratch.file("new"))
        let manifest = try ModelManifest(contentsOfFile: scratch.file("new/\(ModelManifest.fileName)"))
        #expect(rewrapped.manifest == manifest)
        #expect(manifest.digest != sealed.manifest?.digest)
        #expect(try ProtectedFileOpener(key: Samples.otherKey).verify(scratch.file("new"), manifest: manifest).files == 2)
        try scratch.write(try InputFile.readAll(scratch.file("new/1/a")), to: "old/1/a")
        let before = scratch.contents
        let error = #expect(throws: ProtectedFileError.self) { try Self.rewrapper(deep: deep).rewrap(scratch.file("old"), to: scratch.file("none")) }
        #expect(error?.code == .manifestMismatch)
        #expect(scratch.contents == before)
    }

    @Test("a deep rewrap finds damage that a quick one copies, and leaves nothing")
    func damage() throws {
        let scratch = try ScratchFolder()
        var sealed = try ProtectedFileSealer(key: Samples.key).seal(Samples.plaintext(9000), mountPath: "m")
        sealed[9000] ^= 1
        try scratch.write(sealed, to: "file")
        let deep = #expect(throws: ProtectedFileError.self) { try Self.rewrapper(deep: true).rewrap(scratch.file("file"), to: scratch.file("new")) }
        #expect(deep?.code == .dataAuthentication)
        #expect(scratch.contents == ["file"])
        _ = try Self.rewrapper().rewrap(scratch.file("file"), to: scratch.file("new"))
        let later = #expect(throws: ProtectedFileError.self) { try ProtectedFileOpener(key: Samples.otherKey).verify(scratch.file("new")) }
        #expect(later?.code == .dataAuthentication)
    }
}
