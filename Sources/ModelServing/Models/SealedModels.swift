// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What sealed models must be: sealed for which place, and in which state.
struct SealedModels: Sendable {
    /// What one version is held to.
    struct Pin: Sendable {
        /// The path that its folder must have been sealed for.
        let mountPath: String
        /// The manifest that its files must match, and that the key is asked for; `nil` when there is none.
        let manifest: ModelManifest?
    }

    /// The path that a single model's folder was sealed for; `nil` for its base path as it is given.
    let mountPath: String?
    /// The digests of the manifests that are accepted; empty to accept any state that opens under the key.
    let manifests: Set<ManifestDigest>
    let log: @Sendable (String) -> Void

    /// What a version is held to: the manifest that lies with it, if one does.
    ///
    /// A manifest that does not describe the files is an error where a state was asked for. Else it is told, and the key is asked for
    /// without naming a model: versions may come and go in a folder that was sealed at once, and whether that will do is for the broker's
    /// policy to say.
    ///
    /// - Throws: ``ServingError`` when a state was asked for and the manifest of the folder is missing or of another one, and
    ///   `manifest-mismatch` when the files are not those of the manifest.
    func pin(_ model: ServedModel, _ version: ServableFolder.Version) throws -> Pin {
        let base = self.mountPath ?? model.basePath
        let path = base.hasSuffix("/") ? base + version.name : "\(base)/\(version.name)"
        do {
            return Pin(mountPath: path, manifest: try self.manifest(of: model, version))
        } catch let error as ProtectedFileError where self.manifests.isEmpty {
            self.log("WARNING: \(error.message); the key of \(version.path) is asked for without naming a model")
            return Pin(mountPath: path, manifest: nil)
        }
    }

    private func manifest(of model: ServedModel, _ version: ServableFolder.Version) throws -> ModelManifest? {
        // A manifest lies at the top of what was sealed at once: a single version, or a model with its versions.
        let folders = [version.path, model.basePath]
        guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: "\($0)/\(ModelManifest.fileName)") }) else {
            if self.manifests.isEmpty { return nil }
            throw ServingError(
                .noManifest, "\(version.path) has no \(ModelManifest.fileName), and its state was asked for by --manifest-digest",
                remedy: "bring the manifest that sealing wrote beside the model")
        }
        let place = "\(folder)/\(ModelManifest.fileName)"
        let manifest = try ModelManifest(contentsOfFile: place)
        guard self.manifests.isEmpty || self.manifests.contains(manifest.digest) else {
            throw ServingError(
                .manifestRefused, "\(place) has the digest \(manifest.digest), which is none of those given by --manifest-digest",
                remedy: "bring the model that the digest is of; if this one is right, give its digest")
        }
        // Told before the key is asked for; each file is compared again, authenticated, when TensorFlow opens it.
        // Kubernetes mounts volumes through links.
        try manifest.check(folder: folder, followingLinks: true)
        return manifest
    }
}
