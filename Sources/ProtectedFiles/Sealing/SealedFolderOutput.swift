// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// A folder of sealed files that appears whole, with its manifest, or not at all.
struct SealedFolderOutput: Sendable {
    let path: String
    let mountPath: String
    let replacing: Bool
    let manifest: ProtectedFileSealer.ManifestPlace
    let permissions: UInt32

    /// What the manifest tells of a file.
    static func entry(path: String, plaintextSize: Int, tag: [UInt8]) -> ModelManifest.File {
        // Cannot trap: a file of that size has just been written.
        let nodes = NodeGeometry(plaintextSize: UInt64(plaintextSize))?.nodeCount ?? 0
        return ModelManifest.File(path: path, sealedSize: nodes * NodeGeometry.nodeSize, plaintextSize: plaintextSize, metadataTag: tag)
    }

    /// Makes the folder.
    ///
    /// - Parameters:
    ///   - tree: the files to make.
    ///   - jobs: how many threads to use.
    ///   - progress: tells others how far the work is.
    ///   - makeFile: makes one file at its destination, of which nobody knows yet.
    /// - Returns: what was done, with the manifest.
    /// - Throws: what `makeFile` throws, the system's failure, or `CancellationError`.
    func make(
        _ tree: FileTree, jobs: Int, progress: ProtectedFileProgress,
        _ makeFile: @escaping @Sendable (_ file: FileTree.File, _ destination: String, _ jobs: Int, _ buffer: NodeBuffer) throws -> ModelManifest.File
    ) throws -> ProtectedFileSummary {
        let folder = try OutputFolder(path: self.path, permissions: self.permissions, replacing: self.replacing)
        let workPath = folder.workPath
        try tree.makeFolders(in: workPath, permissions: self.permissions)
        let files = try FolderWork(files: tree.files, jobs: jobs, progress: progress).map { file, jobs, buffer in
            try makeFile(file, "\(workPath)/\(file.path)", jobs, buffer)
        }
        let manifest = ModelManifest(mountPath: EmbeddedPath.normalizedFolder(self.mountPath), files: files)
        let isInside = self.manifest == .insideFolder
        if isInside {
            let sink = try MemberNodeSink(path: "\(workPath)/\(ModelManifest.fileName)", permissions: 0o644)
            try unsafe manifest.encode().withUnsafeBytes { try unsafe sink.write($0, at: 0) }
            try sink.finish()
        }
        try synchronizeFolder(workPath)
        try progress.checkCancelled()
        // A manifest elsewhere is there before the folder is: one without the other is of no use, but does no harm.
        if case .file(let path) = self.manifest {
            try OutputFile.write(try manifest.encode(), to: path, permissions: 0o644, replacing: self.replacing)
        }
        try folder.commit()
        return ProtectedFileSummary(
            files: files.count, bytes: files.reduce(0) { $0 + $1.plaintextSize }, manifest: self.manifest == .nowhere ? nil : manifest)
    }
}
