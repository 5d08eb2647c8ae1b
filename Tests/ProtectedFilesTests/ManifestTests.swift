// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import TestSupport
import Testing

@testable import ProtectedFiles

@Suite("ModelManifest")
struct ManifestTests {
    private static let tags = [[UInt8](repeating: 0xab, count: 16), [UInt8](0..<16)]

    private static let sample = ModelManifest(
        mountPath: "models/m",
        files: [
            ModelManifest.File(path: "models/m/1/saved_model.pb", sealedSize: 12_288, plaintextSize: 5000, metadataTag: tags[0]),
            ModelManifest.File(path: "models/m/1/fingerprint.pb", sealedSize: 4096, plaintextSize: 7, metadataTag: tags[1]),
        ])

    @Test("the digest is that of the documented bytes, and the files are in the order of their paths")
    func digest() {
        // Computed from the description in the documentation comment, with another program.
        #expect(Self.sample.digest.description == "dd8f71c711ac186c58b663619cede4ddaf363a804e8721926fadf3606ab652e3")
        #expect(Self.sample.files.map(\.plaintextSize) == [7, 5000])
    }

    @Test("a manifest is the same after encoding and decoding")
    func roundTrip() throws {
        for manifest in [Self.sample, ModelManifest(mountPath: "", files: []), ModelManifest(mountPath: "/", files: [])] {
            let decoded = try ModelManifest(decoding: try manifest.encode())
            #expect(decoded == manifest)
            #expect(decoded.digest == manifest.digest)
        }
    }

    @Test(
        "anything that was changed in its file is refused",
        arguments: [
            ("models/m/1/saved", "models/m/2/saved"), ("\"plaintext_size\" : 5000", "\"plaintext_size\" : 5001"), ("12288", "8192"), ("abab", "abac"),
            ("\"mount_path\" : \"models/m\"", "\"mount_path\" : \"models\""), ("\"format_version\" : 1", "\"format_version\" : 2"),
            ("\"plaintext_size\" : 7", "\"plaintext_size\" : -7"), ("\"plaintext_size\" : 7", "\"plaintext_size\" : 9223372036854775808"),
            ("abab", "ab"), ("abab", "zzzz"), ("fingerprint", "zingerprint"), ("\"digest\"", "\"digests\""), ("1/fingerprint.pb", "1/saved_model.pb"),
        ])
    func changed(from: String, to: String) throws {
        let text = String(decoding: try Self.sample.encode(), as: UTF8.self)
        let changed = text.replacing(from, with: to, maxReplacements: 1)
        try #require(changed != text)
        let error = #expect(throws: ProtectedFileError.self) { try ModelManifest(decoding: Array(changed.utf8)) }
        #expect(error?.code == .badManifest)
    }

    @Test("a manifest that is cut off anywhere is refused")
    func truncated() throws {
        let bytes = try Self.sample.encode()
        for count in 0..<bytes.count - 1 {
            let error = #expect(throws: ProtectedFileError.self) { try ModelManifest(decoding: Array(bytes.prefix(count))) }
            #expect(error?.code == .badManifest)
        }
    }

    @Test(
        "a file that is not below the mount path is refused, whatever the digest says",
        arguments: ["models/x/a", "models/m", "models/m/", "models/m/../x", "models/m//a", "models/m/./a", "models/mm/a", ""])
    func outside(path: String) throws {
        let manifest = ModelManifest(
            mountPath: "models/m", files: [ModelManifest.File(path: path, sealedSize: 4096, plaintextSize: 1, metadataTag: Self.tags[0])])
        let error = #expect(throws: ProtectedFileError.self) { try ModelManifest(decoding: try manifest.encode()) }
        #expect(error?.code == .badManifest)
        #expect(error?.message.contains("not below") == true)
    }

    @Test("a sealed folder is as its manifest tells, with the sizes and tags of the very files", arguments: ["m", "/abs/m", ".", "/"])
    func folder(mountPath: String) throws {
        let scratch = try ScratchFolder()
        for (name, count) in [("in/1/a", 10), ("in/1/b", 9000)] { try scratch.write(Samples.plaintext(count), to: name) }
        let summary = try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("out"), mountPath: mountPath)
        let manifest = try ModelManifest(contentsOfFile: scratch.file("out/\(ModelManifest.fileName)"))
        #expect(manifest == summary.manifest)
        try manifest.check(folder: scratch.file("out"))
        #expect(manifest.files.map(\.plaintextSize) == [10, 9000])
        #expect(manifest.files.map(\.sealedSize) == [4096, 16_384])
        for (file, name) in zip(manifest.files, ["a", "b"]) {
            let reader = try ProtectedFileReader(path: scratch.file("out/1/\(name)"), key: Samples.key)
            #expect(reader.embeddedPath == file.path)
            #expect(reader.metadataTag == file.metadataTag)
            try manifest.require(reader)
        }
        let opener = ProtectedFileOpener(key: Samples.key)
        #expect(try opener.verify(scratch.file("out"), manifest: manifest).files == 2)
    }

    @Test(
        "a folder in another state than its manifest's is refused",
        arguments: ["older", "missing", "stray", "longer", "swapped", "replaced header"])
    func otherState(change: String) throws {
        let scratch = try ScratchFolder()
        for name in ["in/a", "in/b"] { try scratch.write(Samples.plaintext(5000), to: name) }
        let sealer = ProtectedFileSealer(key: Samples.key)
        _ = try sealer.seal(scratch.file("in"), to: scratch.file("old"), mountPath: "m")
        _ = try sealer.seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m")
        let manifest = try ModelManifest(contentsOfFile: scratch.file("out/\(ModelManifest.fileName)"))
        let (a, b) = (try InputFile.readAll(scratch.file("out/a")), try InputFile.readAll(scratch.file("out/b")))
        switch change {
        case "older": try scratch.write(try InputFile.readAll(scratch.file("old/a")), to: "out/a")
        case "missing": try FileManager.default.removeItem(atPath: scratch.file("out/b"))
        case "stray": try scratch.write(a, to: "out/c")
        case "longer": try scratch.write(a + [UInt8](repeating: 0, count: 4096), to: "out/a")
        case "swapped":
            try scratch.write(b, to: "out/a")
            try scratch.write(a, to: "out/b")
        default: try scratch.write(try Array(InputFile.readAll(scratch.file("old/a")).prefix(4096)) + a.dropFirst(4096), to: "out/a")
        }
        let error = #expect(throws: ProtectedFileError.self) { try manifest.check(folder: scratch.file("out")) }
        #expect(error?.code == .manifestMismatch)
        let verified = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileOpener(key: Samples.key).verify(scratch.file("out"), manifest: manifest)
        }
        #expect(verified?.code == .manifestMismatch)
    }

    @Test("an opened file that the manifest does not list, or lists in another state, is refused")
    func reader() throws {
        let sealer = ProtectedFileSealer(key: Samples.key)
        for path in ["models/m/1/saved_model.pb", "models/m/1/other"] {
            let reader = try ProtectedFileReader(bytes: try sealer.seal([1], mountPath: path), name: "f", key: Samples.key)
            let error = #expect(throws: ProtectedFileError.self) { try Self.sample.require(reader) }
            #expect(error?.code == .manifestMismatch)
        }
    }

    @Test("the manifest may go elsewhere or nowhere, and a folder that brings one along is not sealed")
    func places() throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "in/a")
        let sealer = ProtectedFileSealer(key: Samples.key)
        let none = try sealer.seal(scratch.file("in"), to: scratch.file("bare"), mountPath: "m", manifest: .nowhere)
        #expect(none.manifest == nil)
        let elsewhere = try sealer.seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m", manifest: .file(scratch.file("m.json")))
        #expect(scratch.contents == ["bare", "bare/a", "in", "in/a", "m.json", "out", "out/a"])
        #expect(try ModelManifest(contentsOfFile: scratch.file("m.json")) == elsewhere.manifest)
        try scratch.write([2], to: "in/\(ModelManifest.fileName)")
        let error = #expect(throws: ProtectedFileError.self) { try sealer.seal(scratch.file("in"), to: scratch.file("again"), mountPath: "m") }
        #expect(error?.code == .reservedName)
    }
}
