// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ProtectedFiles
import TestSupport
import Testing

@testable import TensorFlowRuntime

@Suite("Sealed models", .enabled(if: Engine.hasModel("README.md")))
struct SealedModelTests {
    static let model = "half_plus_two_tf2_cpu/00000123"
    static let shard = "variables/variables.data-00000-of-00001"

    @Test("every test model of TensorFlow Serving gives its known answer when it is sealed", arguments: KnownAnswer.all)
    func knownAnswer(known: KnownAnswer) async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let session = try await Engine.loadSealed(try Engine.seal(known.model, key: key, into: scratch), key: key)
        #expect(try await session.floats(known.fed, shape: known.shape, into: known.input, from: known.output) == known.expected)
        await session.close()
    }

    @Test(
        "a flipped bit in any file fails the load, also where TensorFlow would pass over it",
        arguments: ["saved_model.pb", "variables/variables.index", shard, "fingerprint.pb"])
    func tampered(file: String) async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        // The last node of a file longer than one, else the encrypted metadata, which hold the contents of small files.
        try Self.flipBit(in: "\(folder)/\(file)") { $0 > 4096 ? $0 - 2048 : 2048 }
        let error = await #expect(throws: ProtectedFileError.self) { try await Engine.loadSealed(folder, key: key) }
        #expect([.dataAuthentication, .treeAuthentication, .metadataAuthentication].contains(error?.code))
    }

    @Test("TensorFlow is told of a tampered shard as DATA_LOSS, with our identifier")
    func dataLoss() async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        try Self.flipBit(in: "\(folder)/\(Self.shard)") { _ in 2048 }
        let library = try Engine.library()
        let mount = try SealedFileSystem.mount(folder: folder, key: key, mountPath: Engine.mountPath, library: library)
        defer { mount.unmount() }
        let error = #expect(throws: TensorFlowError.self) {
            try SessionCore(library: library, folder: mount.url, tags: ["serve"], options: SessionOptions())
        }
        #expect(error?.code == .dataLoss)
        #expect(error?.message.contains("[metadata-auth]") == true)
    }

    @Test("another key is refused")
    func wrongKey() async throws {
        let scratch = try ScratchFolder()
        let folder = try Engine.seal(Self.model, key: .random(), into: scratch)
        let error = await #expect(throws: ProtectedFileError.self) { try await Engine.loadSealed(folder, key: .random()) }
        #expect(error?.code == .metadataAuthentication)
    }

    @Test("a folder sealed for another path is refused")
    func wrongMountPath() async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        let error = await #expect(throws: ProtectedFileError.self) { try await Engine.loadSealed(folder, key: key, mountPath: "models/other") }
        #expect(error?.code == .pathMismatch)
    }

    @Test("a file of the same key put in another's place is refused")
    func swapped() async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        try Engine.remove("\(folder)/\(Self.shard)")
        try FileManager.default.copyItem(atPath: "\(folder)/variables/variables.index", toPath: "\(folder)/\(Self.shard)")
        let error = await #expect(throws: ProtectedFileError.self) { try await Engine.loadSealed(folder, key: key) }
        #expect(error?.code == .pathMismatch)
    }

    @Test("a file that is not in the state of the mount's manifest is refused when it is opened")
    func manifest() throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        let manifest = try ModelManifest(contentsOfFile: "\(folder)/\(ModelManifest.fileName)")
        // The same file, key and path: what is not in the file is which of two sealings it is from.
        let name = "variables/variables.index"
        _ = try ProtectedFileSealer(key: key, replacing: true).seal(
            Engine.model("\(Self.model)/\(name)"), to: "\(folder)/\(name)", mountPath: "\(Engine.mountPath)/\(name)")
        let mount = try SealedFileSystem.mount(
            folder: folder, key: key, mountPath: Engine.mountPath, manifest: manifest, library: try Engine.library())
        defer { mount.unmount() }
        #expect(try !mount.read("saved_model.pb").isEmpty)
        let error = #expect(throws: ProtectedFileError.self) { try mount.read(name) }
        #expect(error?.code == .manifestMismatch)
    }

    @Test("a plain file among sealed ones is refused")
    func plainFile() async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        try Engine.remove("\(folder)/saved_model.pb")
        let plain = try Data(contentsOf: URL(fileURLWithPath: Engine.model("\(Self.model)/saved_model.pb")))
        // To whole nodes, so that the length is not what gives it away.
        try (plain + Data(count: 4096 - plain.count % 4096)).write(to: URL(fileURLWithPath: "\(folder)/saved_model.pb"))
        let error = await #expect(throws: ProtectedFileError.self) { try await Engine.loadSealed(folder, key: key) }
        #expect(error?.code == .badMagic)
    }

    @Test(
        "a checkpoint that was taken away is missed",
        arguments: [("variables/variables.index", "missing-variables"), (shard, "tensorflow-not-found")])
    func missingFile(file: String, identifier: String) async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        try Engine.remove("\(folder)/\(file)")
        let error = await #expect(throws: TensorFlowError.self) { try await Engine.loadSealed(folder, key: key) }
        #expect(error?.identifier == identifier)
    }

    @Test("after unmounting nothing can be read any more")
    func unmounted() async throws {
        let scratch = try ScratchFolder()
        let key = WrapKey.random()
        let folder = try Engine.seal(Self.model, key: key, into: scratch)
        let library = try Engine.library()
        let mount = try SealedFileSystem.mount(folder: folder, key: key, mountPath: Engine.mountPath, library: library)
        #expect(try mount.read("assets/foo.txt") == [UInt8](Data(contentsOf: URL(fileURLWithPath: Engine.model("\(Self.model)/assets/foo.txt")))))
        mount.unmount()
        let error = #expect(throws: TensorFlowError.self) { try mount.read("assets/foo.txt") }
        #expect(error?.identifier == "no-such-file")
        let load = await #expect(throws: TensorFlowError.self) { try await Session(library: library, sealed: mount) }
        #expect(load?.code == .notFound)
    }

    @Test("mounts of two models at once keep their keys apart")
    func twoMounts() async throws {
        try await withThrowingTaskGroup(of: [Float]?.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let scratch = try ScratchFolder()
                    let key = WrapKey.random()
                    let session = try await Engine.loadSealed(try Engine.seal("half_plus_two_cpu/00000123", key: key, into: scratch), key: key)
                    return try await session.floats([2], shape: [1, 1], into: "x:0", from: "y:0")
                }
            }
            for try await answer in group { #expect(answer == [3]) }
        }
    }

    @Test("paths that lead out of a mount lead nowhere")
    func outside() throws {
        let scratch = try ScratchFolder()
        let mount = try SealedFileSystem.mount(folder: scratch.path, key: .random(), mountPath: "m", library: try Engine.library())
        defer { mount.unmount() }
        let root = "/\(mount.number)\(mount.folder)"
        #expect(SealedFileSystem.resolve("\(root)/a/b")?.relativePath == "a/b")
        #expect(SealedFileSystem.resolve(root)?.relativePath == "")
        for path in ["\(root)/../x", "\(root)x/a", "/\(mount.number)/etc/passwd", "/\(mount.number)", "/x\(mount.folder)/a", "", "/"] {
            #expect(SealedFileSystem.resolve(path) == nil, "\(path)")
        }
    }

    private static func flipBit(in path: String, at position: (Int) -> Int) throws {
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[position(bytes.count)] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
