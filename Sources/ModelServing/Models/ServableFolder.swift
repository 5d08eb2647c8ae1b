// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder of a model: each child whose whole name is a decimal integer is a version.
///
/// As in TensorFlow Serving leading zeros and a sign are part of the number, files are not told from folders, and other names are passed over.
package struct ServableFolder: Sendable {
    /// How many names a message lists.
    private static let listedNames = 8

    /// One version in the folder.
    package struct Version: Hashable, Sendable {
        package let number: Int64
        /// The folder's name, which may have leading zeros.
        package let name: String
        package let path: String
    }

    package let path: String
    /// The versions, lowest first.
    ///
    /// Of two names for one number the later in order is kept.
    package let versions: [Version]
    /// Names that were passed over, or stand for a number another name stands for too.
    package let otherNames: [String]

    /// Looks for the versions in `path`.
    ///
    /// - Throws: ``ServingError/Code/missingModelFolder`` when there is no such folder.
    package init(path: String) throws(ServingError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch let error as CocoaError where error.code == .fileReadNoPermission {
            throw ServingError(
                .missingModelFolder, "cannot read the model's folder \(path): permission denied",
                remedy: "let the user that the server runs as read the folder, and pass through those on the way to it")
        } catch {
            throw ServingError(
                .missingModelFolder, "cannot read the model's folder \(path)",
                remedy: "give --model_base_path the folder that holds the versions, such as DIR for DIR/1/saved_model.pb")
        }
        var found: [Int64: Version] = [:]
        var others: [String] = []
        for name in names {
            guard let number = Int64(name) else {
                others.append(name)
                continue
            }
            if let earlier = found[number] { others.append(earlier.name) }
            found[number] = Version(number: number, name: name, path: path.hasSuffix("/") ? path + name : "\(path)/\(name)")
        }
        self.path = path
        self.versions = found.values.sorted { $0.number < $1.number }
        self.otherNames = others
    }

    /// Names that are passed over because another one stands for the same version.
    package var shadowed: [(version: Version, name: String)] {
        self.otherNames.compactMap { name in
            guard let number = Int64(name), let version = self.versions.first(where: { $0.number == number }) else { return nil }
            return (version, name)
        }
    }

    /// The highest version.
    ///
    /// - Throws: ``ServingError/Code/noModelVersions``, telling what was found instead.
    package func latest() throws(ServingError) -> Version {
        if let latest = self.versions.last { return latest }
        let listed = self.otherNames.prefix(Self.listedNames).joined(separator: ", ")
        let more = self.otherNames.count > Self.listedNames ? " and \(self.otherNames.count - Self.listedNames) more" : ""
        let found = self.otherNames.isEmpty ? "it is empty" : "it holds \(listed)\(more)"
        let isVersion = self.otherNames.contains { $0 == "saved_model.pb" || $0 == "saved_model.pbtxt" }
        throw ServingError(
            .noModelVersions, "no version of a model in \(self.path): \(found)",
            remedy: isVersion
                ? "this folder is itself a version: put it into a folder of its own under a number, such as MODEL/1"
                : "a version is a folder whose name is a number, such as \(self.path)/1")
    }
}
