// SPDX-License-Identifier: Apache-2.0

internal import CTensorFlow
public import ProtectedFiles
internal import Synchronization

/// The file system `sealed://` inside this process: TensorFlow reads sealed models through it, and no plaintext touches a disk.
///
/// TensorFlow knows one such file system for the whole process and never lets go of it; what comes and goes are mounts.
public enum SealedFileSystem {
    private struct Registry: Sendable {
        var isRegistered = false
        var lastNumber: UInt64 = 0
        var mounts: [UInt64: SealedMount] = [:]
    }

    private static let registry = Mutex(Registry())

    /// Makes a sealed folder readable for TensorFlow.
    ///
    /// - Parameters:
    ///   - folder: The folder on disk.
    ///   - key: The key it was sealed under; forgotten by ``SealedMount/unmount()``.
    ///   - mountPath: The path the folder was sealed for. Each file must have been sealed for `mountPath` and its own path below it.
    ///   - manifest: The state that each file must be in; `nil` for any that was sealed under the key.
    ///   - library: TensorFlow, which is told of the file system by the first mount.
    /// - Returns: The mount, whose URL can be loaded until it is unmounted.
    /// - Throws: ``TensorFlowError``: `bad-mount` if the folder is not there or the mount path is empty,
    ///   `sealed-file-system-unavailable` if TensorFlow can't find the plug-in in this program.
    public static func mount(
        folder: String, key: WrapKey, mountPath: String, manifest: ModelManifest? = nil, library: TensorFlowLibrary
    ) throws -> SealedMount {
        guard let resolved = resolvedPath(folder), folderExists(resolved) else {
            throw TensorFlowError(.notFound, "bad-mount", "the sealed folder \(folder) does not exist")
        }
        guard !mountPath.isEmpty else {
            throw TensorFlowError(.invalidArgument, "bad-mount", "the path that \(folder) was sealed for is empty")
        }
        return try self.registry.withLock { registry in
            if !registry.isRegistered {
                try Self.register(with: library)
                registry.isRegistered = true
            }
            registry.lastNumber += 1
            let mount = SealedMount(number: registry.lastNumber, folder: resolved, mountPath: mountPath, key: key, manifest: manifest)
            registry.mounts[mount.number] = mount
            return mount
        }
    }

    static func forget(_ mount: SealedMount) {
        self.registry.withLock { _ = $0.mounts.removeValue(forKey: mount.number) }
    }

    /// Finds the mount a path of TensorFlow's belongs to, and the path within it (empty for the folder itself).
    ///
    /// The path has no scheme and no `.`, `..` or doubled slashes: TensorFlow has cleaned it.
    static func resolve(_ path: String) -> (mount: SealedMount, relativePath: String)? {
        let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, let number = UInt64(parts[0]), let mount = self.registry.withLock({ $0.mounts[number] }) else { return nil }
        let rest = "/" + parts[1]
        if rest == mount.folder { return (mount, "") }
        // Byte by byte: paths are not text to a file system, and Swift's strings compare by meaning.
        let prefix = "\(mount.folder)/".utf8
        guard rest.utf8.starts(with: prefix), let relativePath = String(rest.utf8.dropFirst(prefix.count)) else { return nil }
        guard !relativePath.split(separator: "/").contains("..") else { return nil }
        return (mount, relativePath)
    }

    /// Tells TensorFlow of the file system.
    ///
    /// It looks `TF_InitPlugin` up in the running program, which calls back with what was offered.
    private static func register(with library: TensorFlowLibrary) throws(TensorFlowError) {
        SealedFileSystemOperations.offer(to: library)
        do {
            try unsafe library.checked { unsafe library.functions.RegisterFilesystemPlugin("", $0) }
        } catch {
            throw TensorFlowError(
                error.code, "sealed-file-system-unavailable", "TensorFlow can't use this program's file system for sealed models: \(error.message)",
                remedy: "link the program with -Xlinker --export-dynamic-symbol=TF_InitPlugin, as Sealwright's package does")
        }
    }
}
