// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ProtectedFiles

/// The files of an existing deployment of the original recipe, found by their names.
struct RecipeDeployment {
    /// Deeper folders and more files than these are not looked through.
    private static let maximumDepth = 12
    private static let maximumFiles = 20_000
    private static let maximumSize = 1 << 20

    let folder: String
    /// Paths relative to the folder.
    private let files: [String]

    /// Looks through a folder.
    ///
    /// - Throws: ``CommandFailure`` when it is none, or holds none of the recipe's files.
    init(folder: String) throws {
        let kind = (try? FileManager.default.attributesOfItem(atPath: folder))?[.type] as? FileAttributeType
        guard kind == .typeDirectory else {
            throw CommandFailure("no-folder", "\(folder) is no folder", remedy: "name the recipe's folder", exitStatus: .noInput)
        }
        self.folder = folder
        var found: [String] = []
        let walk = FileManager.default.enumerator(atPath: folder)
        while let path = walk?.nextObject() as? String, found.count < Self.maximumFiles {
            if path.split(separator: "/").count > Self.maximumDepth { walk?.skipDescendants() }
            found.append(path)
        }
        self.files = found.sorted()
        let known = ["ra_config.json", "wrap_key", "ssl.cfg", "sgx_default_qcnl.conf"]
        guard !known.flatMap({ self.named($0) }).isEmpty || !self.ending(in: ".manifest.template").isEmpty else {
            throw CommandFailure(
                "no-deployment", "\(folder) holds none of the recipe's files", exitStatus: .noInput)
        }
    }

    /// Files of that name, the nearest to the top first.
    func named(_ name: String) -> [String] {
        self.files.filter { $0 == name || $0.hasSuffix("/" + name) }.sorted {
            ($0.split(separator: "/").count, $0) < ($1.split(separator: "/").count, $1)
        }
    }

    /// Files whose names end so.
    func ending(in suffix: String) -> [String] { self.files.filter { $0.hasSuffix(suffix) } }

    /// A file's bytes.
    func bytes(_ file: String) throws -> [UInt8] { try InputFile.readAll("\(self.folder)/\(file)", limit: Self.maximumSize) }

    /// A file's text; bytes that are none are replaced.
    func text(_ file: String) throws -> String { String(decoding: try self.bytes(file), as: UTF8.self) }

    /// The permissions of a file.
    func mode(_ file: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: "\(self.folder)/\(file)"))?[.posixPermissions] as? Int ?? 0
    }
}
