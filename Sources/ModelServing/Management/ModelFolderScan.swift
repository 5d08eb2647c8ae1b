// SPDX-License-Identifier: Apache-2.0

import NIOPosix

/// One look at the folders of all models.
struct ModelFolderScan: Sendable {
    /// What was found for one model.
    struct Finding: Sendable {
        let name: String
        /// The versions to be served; `nil` when the folder cannot be read.
        let versions: [ServableFolder.Version]?
        /// Why there are none.
        let absence: ServingError?
        /// What the operator should know.
        let warning: String?
    }

    /// Looks at the folders on a thread that may block.
    static func look(at models: [ServedModel]) async throws -> [Finding] {
        try await NIOThreadPool.singleton.runIfActive { models.map(Self.look) }
    }

    private static func look(at model: ServedModel) -> Finding {
        let folder: ServableFolder
        do {
            folder = try ServableFolder(path: model.basePath)
        } catch {
            return Finding(
                name: model.name, versions: nil, absence: error,
                warning: "FileSystemStoragePathSource encountered a filesystem access error: Could not find base path \(model.basePath) "
                    + "for servable \(model.name) with error NOT_FOUND: \(error.message)")
        }
        let versions = model.policy.choose(from: folder.versions)
        var absence: ServingError?
        do throws(ServingError) { _ = try folder.latest() } catch { absence = error }
        return Finding(name: model.name, versions: versions, absence: absence, warning: Self.warning(model, folder, versions))
    }

    private static func warning(_ model: ServedModel, _ folder: ServableFolder, _ versions: [ServableFolder.Version]) -> String? {
        if folder.versions.isEmpty {
            return "No versions of servable \(model.name) found under base path \(model.basePath). Did you forget to name your leaf directory "
                + "as a number (eg. '/1/')?"
        }
        var warnings = folder.shadowed.map { version, name in
            "Duplicate version directories of servable \(model.name) under base path \(model.basePath): version \(version.number) is "
                + "\(version.name), and \(name) is passed over"
        }
        let missing = model.policy.missing(from: folder.versions)
        if !missing.isEmpty {
            warnings.append("Version(s) \(missing) of servable \(model.name) requested by its policy are not under \(model.basePath)")
        } else if versions.isEmpty {
            warnings.append("The version policy of servable \(model.name) asks for no version")
        }
        return warnings.isEmpty ? nil : warnings.joined(separator: ". ")
    }
}
