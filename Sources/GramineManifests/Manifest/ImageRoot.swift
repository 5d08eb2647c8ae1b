// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The file system in which a manifest is signed and run: an image's root folder.
public struct ImageRoot: Hashable, Sendable {
    private let folder: String

    /// `folder`: where the image's root lies on this machine.
    public init(_ folder: String) { self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder }

    /// The trusted files and mounts of a manifest that the image lacks, or that have the wrong form.
    ///
    /// What only rendering tells (`{{ ... }}`), relative paths, and what has to be there when the enclave starts (allowed files, encrypted mounts) is
    /// passed over.
    public func findings(of manifest: GramineManifest) -> [ManifestFinding] {
        let trusted = manifest.uris("sgx.trusted_files").map { ("sgx.trusted_files `\($0)`", GramineManifest.hostPath($0)) }
        let mounted = manifest.mounts.filter { $0.type == "chroot" }.map { ("fs.mounts `\($0.path)`", $0.hostPath) }
        let given = manifest.uris("sgx.allowed_files").map(GramineManifest.hostPath)
        let isFixed = { (path: String) in path.hasPrefix("/") && !path.contains("{{") && !given.contains { GramineManifest.is(path, within: $0) } }
        return trusted.filter { isFixed($0.1) }.compactMap { self.finding($0.0, path: $0.1, isTrusted: true) }
            + mounted.filter { isFixed($0.1) }.compactMap { self.finding($0.0, path: $0.1, isTrusted: false) }
            + [manifest["libos.entrypoint"]?.string].compactMap { $0 }.filter(isFixed).compactMap {
                guard let host = manifest.hostPath(ofInside: $0) else {
                    return Self.finding("libos.entrypoint", "`\($0)` is mounted nowhere", "mount the folder that holds it")
                }
                return self.finding("libos.entrypoint", path: host, isTrusted: true)
            }
    }

    private func finding(_ key: String, path: String, isTrusted: Bool) -> ManifestFinding? {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: self.folder + path, isDirectory: &isFolder) else {
            return Self.finding(key, "\(path) is not in the image", "install it there, or correct the path")
        }
        guard isTrusted, isFolder.boolValue != path.hasSuffix("/") else { return nil }
        return Self.finding(
            key,
            isFolder.boolValue
                ? "is a folder: without `/` at its end Gramine looks for a file" : "is a file: with `/` at its end Gramine looks for a folder",
            isFolder.boolValue ? "add the `/`" : "remove the `/`")
    }

    private static func finding(_ key: String, _ message: String, _ remedy: String) -> ManifestFinding {
        ManifestFinding(rule: "missing-file", severity: .error, key: key, message: message, remedy: remedy)
    }
}
