// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder of a model: a sub-folder for each version, named by its number.
public struct ModelFolder: Hashable, Sendable {
    /// A version and its folder.
    public struct Version: Hashable, Sendable {
        /// The version's number.
        public let number: Int64
        /// The folder's name, which may have leading zeros.
        public let name: String
        /// The folder itself.
        public let folder: SavedModelFolder
    }

    /// Where the folder lies.
    public let path: String

    /// Names a folder, which need not be there yet.
    public init(path: String) { self.path = path }

    /// Reads a folder's name as a version, as TensorFlow Serving does: decimal digits, nothing else; `nil` for any other name.
    public static func versionNumber(_ name: some StringProtocol) -> Int64? {
        guard !name.isEmpty, name.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int64(name)
    }

    /// The versions in the folder, oldest first.
    ///
    /// - Throws: `no-versions` when there is none.
    public func versions() throws(SavedModelError) -> [Version] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: self.path)
        } catch {
            throw SavedModelError(.noVersions, "cannot list the model folder \(self.path)", remedy: "check the path and its permissions")
        }
        let versions = names.compactMap { name in
            Self.versionNumber(name).map { Version(number: $0, name: name, folder: SavedModelFolder(path: "\(self.path)/\(name)")) }
        }
        guard !versions.isEmpty else {
            throw SavedModelError(
                .noVersions, "the model folder \(self.path) holds no versions",
                remedy: "put the model into a sub-folder named by a number, such as \(self.path)/1/\(SavedModelFolder.modelFileName)")
        }
        return versions.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
    }
}

extension ModelFolder {
    /// What lies at `path`: a version's folder itself, or else every version of a model folder.
    public static func describe(_ path: String) throws -> [ModelDescription] {
        let single = SavedModelFolder(path: path)
        if single.isModel { return [ModelDescription(try single.read(), folder: single)] }
        return try ModelFolder(path: path).versions().map { ModelDescription(try $0.folder.read(), folder: $0.folder) }
    }

    /// What lies at `path`, in full.
    package static func inspect(_ path: String, tensorFlow: (version: String, operations: any OperationCatalog)? = nil) throws -> [ModelInspection] {
        let single = SavedModelFolder(path: path)
        if single.isModel { return [try ModelInspection(single, tensorFlow: tensorFlow)] }
        return try ModelFolder(path: path).versions().map { try ModelInspection($0.folder, tensorFlow: tensorFlow) }
    }
}
