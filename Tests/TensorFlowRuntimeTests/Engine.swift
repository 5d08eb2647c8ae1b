// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProtectedFiles
import TensorFlowRuntime
import TestSupport
import Testing

/// The TensorFlow of this machine, for tests that compute.
enum Engine {
    /// Whether the library is there; tests that need it carry `.enabled(if: Engine.isInstalled)` and are otherwise reported as skipped.
    static let isInstalled = TensorFlowSetUp.isThere

    static func library() throws -> TensorFlowLibrary { try TensorFlowLibrary.load() }

    /// TensorFlow Serving's test model, as a condition and as a path.
    static func hasModel(_ name: String) -> Bool { Self.isInstalled && SharedVectors.modelExists("tf-serving/\(name)") }
    static func model(_ name: String) -> String { SharedVectors.model("tf-serving/\(name)") }

    /// Copies a model, to do harm to it.
    static func copy(_ name: String, into scratch: ScratchFolder) throws -> String {
        let folder = scratch.file("copy")
        try FileManager.default.copyItem(atPath: Self.model(name), toPath: folder)
        return folder
    }

    static func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    static let mountPath = "models/sealed"

    /// Seals a model into a scratch folder.
    static func seal(_ name: String, key: WrapKey, into scratch: ScratchFolder) throws -> String {
        let folder = scratch.file("sealed")
        _ = try ProtectedFileSealer(key: key).seal(Self.model(name), to: folder, mountPath: Self.mountPath)
        return folder
    }

    /// Mounts a sealed model, loads it, and unmounts it again.
    static func loadSealed(_ folder: String, key: WrapKey, mountPath: String = Self.mountPath) async throws -> Session {
        let library = try Self.library()
        let mount = try SealedFileSystem.mount(folder: folder, key: key, mountPath: mountPath, library: library)
        defer { mount.unmount() }
        return try await Session(library: library, sealed: mount)
    }
}

extension Session {
    /// Runs a model of floats.
    func floats(_ values: [Float], shape: [Int], into input: String, from output: String) async throws -> [Float]? {
        let results = try await self.run(feeds: [(input, try Tensor(values, shape: shape))], fetches: [output])
        return results.first?.values()
    }
}
