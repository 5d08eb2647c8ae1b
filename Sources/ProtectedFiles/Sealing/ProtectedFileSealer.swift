// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// Seals files and folders under a wrap key.
///
/// Every node is encrypted under a key of its own, made for this write; outputs appear whole or not at all. Calls block their
/// thread until all is done, and use threads of their own beside it; memory stays below 64 MB whatever the size.
public struct ProtectedFileSealer: Sendable {
    /// Where the manifest of a folder goes.
    public enum ManifestPlace: Hashable, Sendable {
        /// To the top of the folder, as ``ModelManifest/fileName``.
        case insideFolder
        /// To another file.
        case file(String)
        /// There is none.
        case nowhere
    }

    private let key: WrapKey
    private let formatVersion: FormatVersion
    private let replacing: Bool
    private let jobs: Int
    private let followingLinks: Bool

    /// Makes a sealer.
    ///
    /// - Parameters:
    ///   - key: the wrap key that the enclave will open the files with.
    ///   - formatVersion: what the enclave's Gramine can read.
    ///   - replacing: whether outputs that exist already may be replaced.
    ///   - jobs: how many threads to use; `nil` for as many as there are processors.
    ///   - followingLinks: whether symbolic links in a folder are sealed as what they point to; else they are refused.
    public init(key: WrapKey, formatVersion: FormatVersion = .version1, replacing: Bool = false, jobs: Int? = nil, followingLinks: Bool = false) {
        self.key = key
        self.formatVersion = formatVersion
        self.replacing = replacing
        self.jobs = min(max(1, jobs ?? WorkerThreads.defaultCount), WorkerThreads.maximumCount)
        self.followingLinks = followingLinks
    }

    /// Seals a file, or a folder with all that is in it.
    ///
    /// - Parameters:
    ///   - input: a regular file or a folder; a folder may hold only files and folders.
    ///   - output: the sealed file or folder.
    ///   - mountPath: what the enclave will open the output as, after the `file:` of its mount's URI: embedded after
    ///     normalising, for a folder together with each file's relative path.
    ///   - manifest: where a folder's manifest goes.
    ///   - progress: tells others how far the sealing is.
    /// - Returns: how many files and bytes of plaintext were sealed.
    /// - Throws: ``ProtectedFileError`` for an input or path that cannot be sealed, the system's failure, or `CancellationError`.
    public func seal(
        _ input: String, to output: String, mountPath: String, manifest: ManifestPlace = .insideFolder,
        progress: ProtectedFileProgress = ProtectedFileProgress()
    ) throws -> ProtectedFileSummary {
        switch try FileTree.kind(of: input) {
        case .file:
            let file = try PlainFile(path: input)
            progress.expect(file.count)
            return try self.sealOne(RandomAccessSource(file), to: output, mountPath: mountPath, progress: progress, work: WorkState())
        case .folder: return try self.sealFolder(input, to: output, mountPath: mountPath, manifest: manifest, progress: progress)
        }
    }

    /// Seals what a pipe or another stream gives until its end.
    ///
    /// - Parameters:
    ///   - descriptor: an open file descriptor, which stays the caller's.
    ///   - output: the sealed file.
    ///   - mountPath: what the enclave will open the output as.
    ///   - progress: tells others how far the sealing is.
    /// - Returns: how many bytes of plaintext were sealed, in one file.
    /// - Throws: as ``seal(_:to:mountPath:manifest:progress:)``.
    public func seal(
        descriptor: Int32, to output: String, mountPath: String, progress: ProtectedFileProgress = ProtectedFileProgress()
    ) throws -> ProtectedFileSummary {
        let work = WorkState()
        let source = StreamSource(descriptor: descriptor, name: "the input stream", progress: progress, work: work)
        return try self.sealOne(source, to: output, mountPath: mountPath, progress: progress, work: work)
    }

    /// Seals bytes in memory.
    ///
    /// - Throws: ``ProtectedFileError`` for a path that cannot be embedded.
    public func seal(_ plaintext: [UInt8], mountPath: String) throws -> [UInt8] {
        let sink = MemoryNodeSink()
        let path = try EmbeddedPath(normalizing: mountPath)
        let sealing = FileSealing(key: self.key, path: path, version: self.formatVersion, source: RandomAccessSource(plaintext), sink: sink)
        _ = try sealing.run(jobs: 1, buffer: NodeBuffer(nodes: FileSealing.bufferNodes))
        return sink.bytes
    }

    private func sealOne(
        _ source: any PlaintextSource, to output: String, mountPath: String, progress: ProtectedFileProgress, work: WorkState
    ) throws -> ProtectedFileSummary {
        let path = try EmbeddedPath(normalizing: mountPath)
        let sink = try FileNodeSink(path: output, permissions: 0o644, replacing: self.replacing)
        let sealing = FileSealing(
            key: self.key, path: path, version: self.formatVersion, source: source, sink: sink, progress: progress, work: work)
        let result = try sealing.run(jobs: self.jobs, buffer: NodeBuffer(nodes: FileSealing.bufferNodes))
        try sink.commit()
        progress.finishFile()
        return ProtectedFileSummary(files: 1, bytes: result.size)
    }

    private func sealFolder(
        _ input: String, to output: String, mountPath: String, manifest: ManifestPlace, progress: ProtectedFileProgress
    ) throws -> ProtectedFileSummary {
        let tree = try FileTree(of: input, followingLinks: self.followingLinks)
        guard !tree.files.contains(where: { $0.path == ModelManifest.fileName }) else {
            throw ProtectedFileError(.reservedName, "\(input) holds a file \(ModelManifest.fileName), which the output has of its own")
        }
        progress.expect(tree.totalSize)
        // Every path is checked before anything is written.
        let paths = try tree.files.map { try EmbeddedPath(normalizing: EmbeddedPath.join(mountPath, $0.path)) }
        let pathOfFile = Dictionary(zip(tree.files.map { Array($0.path.utf8) }, paths), uniquingKeysWith: { first, _ in first })
        let output = SealedFolderOutput(path: output, mountPath: mountPath, replacing: self.replacing, manifest: manifest, permissions: 0o755)
        return try output.make(tree, jobs: self.jobs, progress: progress) { file, destination, jobs, buffer in
            guard let path = pathOfFile[Array(file.path.utf8)] else { preconditionFailure("a file without a path") }
            let source = RandomAccessSource(try PlainFile(path: "\(input)/\(file.path)", followingLinks: self.followingLinks))
            let sink = try MemberNodeSink(path: destination, permissions: 0o644)
            let sealing = FileSealing(key: self.key, path: path, version: self.formatVersion, source: source, sink: sink, progress: progress)
            let result = try sealing.run(jobs: jobs, buffer: buffer)
            try sink.finish()
            return SealedFolderOutput.entry(path: path.description, plaintextSize: result.size, tag: result.tag)
        }
    }
}
