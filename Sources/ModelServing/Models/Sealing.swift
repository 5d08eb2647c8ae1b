// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whether files are sealed, told by their first bytes.
///
/// Told by looking rather than by asking: a host could otherwise put a plain model of its own in the sealed one's place.
package enum Sealing: Sendable {
    case sealed
    case plain

    /// What Gramine's protected files begin with.
    private static let magic = Array("GRAFS_PF".utf8)

    /// Looks at one file.
    package static func ofFile(_ path: String) throws -> Sealing {
        let file = try InputFile(path: path)
        return try file.read(at: 0, count: Self.magic.count) == Self.magic ? .sealed : .plain
    }

    /// Looks at every file of a folder.
    ///
    /// - Throws: ``ServingError/Code/mixedSealing`` when some are sealed and some are not, ``ServingError/Code/badSavedModel`` when there
    ///   is none.
    package static func ofFolder(_ path: String) throws -> Sealing {
        var sealed: String?
        var plain: String?
        // The manifest of a sealed folder is plain, and no part of the model.
        for name in try Self.files(of: path, below: "", depth: 0) where name != ModelManifest.fileName {
            switch try Self.ofFile("\(path)/\(name)") {
            case .sealed: sealed = sealed ?? name
            case .plain: plain = plain ?? name
            }
        }
        switch (sealed, plain) {
        case (let sealed?, let plain?):
            throw ServingError(
                .mixedSealing, "in \(path) \(sealed) is sealed and \(plain) is not",
                remedy: "seal the whole folder anew; someone may have put files into it")
        case (_?, nil): return .sealed
        case (nil, _?): return .plain
        case (nil, nil): throw ServingError(.badSavedModel, "\(path) holds no file", remedy: "a version is a folder with a saved_model.pb in it")
        }
    }

    /// How deep folders may lie in each other; links could otherwise lead in a circle.
    private static let deepest = 16

    /// The files below a folder, as relative paths.
    ///
    /// Links are followed: Kubernetes mounts volumes through them.
    private static func files(of root: String, below folder: String, depth: Int) throws -> [String] {
        let path = "\(root)/\(folder)"
        guard depth < Self.deepest, let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw ServingError(
                .badSavedModel, "\(path) is not a folder that can be read", remedy: "a version is a folder with a saved_model.pb in it")
        }
        var files: [String] = []
        for name in names.sorted() {
            let file = folder.isEmpty ? name : "\(folder)/\(name)"
            var isFolder: Bool = false
            guard FileManager.default.fileExists(atPath: "\(root)/\(file)", isDirectory: &isFolder) else { continue }
            if isFolder { files += try Self.files(of: root, below: file, depth: depth + 1) } else { files.append(file) }
        }
        return files
    }
}
