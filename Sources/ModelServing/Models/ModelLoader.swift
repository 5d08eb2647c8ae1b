// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles
import SavedModels
import TensorFlowRuntime

/// Loads versions of a model into TensorFlow, from plain folders or sealed ones.
struct ModelLoader: Sendable {
    let library: TensorFlowLibrary
    let options: SessionOptions

    /// Loads a version from a folder of plain files.
    func load(_ name: String, _ version: ServableFolder.Version) async throws -> LoadedModel {
        let description = try SavedModelFolder(path: version.path).read()
        let session = try await Session(library: self.library, savedModelDirectory: version.path, options: self.options)
        return LoadedModel(name: name, version: version.number, signatures: description.signatureDefinitions, session: session)
    }

    /// Loads a version from a folder of sealed files, each of which must have been sealed for its place below `mountPath`.
    ///
    /// With a manifest each file must be in the state that it tells. Plaintext is in this process's memory only, and the key is forgotten when this returns.
    func load(_ name: String, _ version: ServableFolder.Version, key: WrapKey, mountPath: String, manifest: ModelManifest?) async throws
        -> LoadedModel
    {
        let mount = try SealedFileSystem.mount(
            folder: version.path, key: key, mountPath: mountPath, manifest: manifest, library: self.library)
        defer { mount.unmount() }
        let description = try SavedModel(decoding: try mount.read(SavedModelFolder.modelFileName))
        let session = try await Session(library: self.library, sealed: mount, options: self.options)
        return LoadedModel(name: name, version: version.number, signatures: description.signatureDefinitions, session: session)
    }
}
