// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Opens sealed files and folders to plaintext ones, or only verifies them.
///
/// Every node is authenticated before anything appears; outputs appear whole or not at all, readable by their owner alone. Calls block
/// their thread until all is done, and use threads of their own beside it; memory stays below 64 MB whatever the size.
public struct ProtectedFileOpener: Sendable {
    private let key: WrapKey
    private let replacing: Bool
    private let jobs: Int
    private let followingLinks: Bool

    /// Makes an opener.
    ///
    /// - Parameters:
    ///   - key: the wrap key that the files were sealed with.
    ///   - replacing: whether outputs that exist already may be replaced.
    ///   - jobs: how many threads to use; `nil` for as many as there are processors.
    ///   - followingLinks: whether symbolic links in a folder are read as what they point to; else they are refused.
    public init(key: WrapKey, replacing: Bool = false, jobs: Int? = nil, followingLinks: Bool = false) {
        self.key = key
        self.replacing = replacing
        self.jobs = min(max(1, jobs ?? WorkerThreads.defaultCount), WorkerThreads.maximumCount)
        self.followingLinks = followingLinks
    }

    /// Opens a sealed file, or a folder with all that is in it.
    ///
    /// - Parameters:
    ///   - input: a sealed file, or a folder that holds only sealed files and folders, and perhaps a manifest at its top, which is left out.
    ///   - output: the plaintext file or folder.
    ///   - mountPath: where the input must claim to be, for a folder together with each file's relative path; `nil` accepts any.
    ///   - progress: tells others how far the opening is.
    /// - Returns: how many files and bytes of plaintext were opened.
    /// - Throws: ``ProtectedFileError`` for an input that is not acceptable, the system's failure, or `CancellationError`.
    public func open(
        _ input: String, to output: String, mountPath: String? = nil, progress: ProtectedFileProgress = ProtectedFileProgress()
    ) throws -> ProtectedFileSummary {
        switch try FileTree.kind(of: input) {
        case .file:
            return try self.openOne(try ProtectedFileReader(path: input, key: self.key, expectedPath: mountPath), to: output, progress)
        case .folder: return try self.openFolder(input, to: output, mountPath: mountPath, progress: progress)
        }
    }

    /// Opens a sealed file that comes through a pipe or another stream.
    ///
    /// The stream is first kept, sealed as it is, in a nameless file of the output's folder.
    ///
    /// - Parameters:
    ///   - descriptor: an open file descriptor, which stays the caller's.
    ///   - output: the plaintext file.
    ///   - mountPath: where the input must claim to be; `nil` accepts any.
    ///   - progress: tells others how far the opening is.
    /// - Returns: how many bytes of plaintext were opened, in one file.
    /// - Throws: as ``open(_:to:mountPath:progress:)``.
    public func open(
        descriptor: Int32, to output: String, mountPath: String? = nil, progress: ProtectedFileProgress = ProtectedFileProgress()
    ) throws -> ProtectedFileSummary {
        let reader = try self.reader(ofStream: descriptor, spool: parentFolder(of: output), mountPath, progress)
        return try self.openOne(reader, to: output, progress)
    }

    /// Opens a sealed file to a pipe or another stream.
    ///
    /// What went through a pipe cannot be taken back, so all of the file is verified before the first byte is written.
    ///
    /// - Parameters:
    ///   - input: a sealed file; `nil` for standard input, which is kept sealed in the folder of temporary files meanwhile.
    ///   - descriptor: where the plaintext goes; stays the caller's.
    ///   - mountPath: where the input must claim to be; `nil` accepts any.
    ///   - progress: tells others how far the opening is.
    /// - Returns: how many bytes of plaintext were opened, in one file.
    /// - Throws: as ``open(_:to:mountPath:progress:)``.
    public func open(
        _ input: String?, toDescriptor descriptor: Int32, mountPath: String? = nil, progress: ProtectedFileProgress = ProtectedFileProgress()
    ) throws -> ProtectedFileSummary {
        let reader =
            try input.map { try ProtectedFileReader(path: $0, key: self.key, expectedPath: mountPath) }
            ?? self.reader(ofStream: STDIN_FILENO, spool: Self.temporaryFolder, mountPath, progress)
        let buffer = NodeBuffer(nodes: FileSealing.bufferNodes)
        progress.expect(2 * reader.size)
        try FileOpening(reader: reader, sink: nil, progress: progress).run(jobs: self.jobs, buffer: buffer)
        var offset = 0
        while offset < reader.size {
            try progress.checkCancelled()
            let place = unsafe buffer.slice(0..<(offset == 0 ? NodeGeometry.inlineSize : NodeGeometry.groupSize))
            let count = try unsafe reader.read(at: offset, into: place)
            try unsafe Self.write(UnsafeRawBufferPointer(rebasing: place[..<count]), to: descriptor)
            offset += count
            progress.add(count)
        }
        return ProtectedFileSummary(files: 1, bytes: reader.size)
    }

    /// Reads every node of a sealed file, or of all files of a folder, and writes nothing.
    ///
    /// - Parameters:
    ///   - input: a sealed file, or a folder.
    ///   - mountPath: where the input must claim to be, for a folder together with each file's relative path; `nil` accepts any.
    ///   - manifest: what the folder must be: these very files and no others, at the paths that it tells.
    ///   - progress: tells others how far the verification is.
    /// - Returns: how many files and bytes of plaintext were found authentic.
    /// - Throws: ``ProtectedFileError`` for the first file that is not acceptable, the system's failure, or `CancellationError`.
    public func verify(
        _ input: String, mountPath: String? = nil, manifest: ModelManifest? = nil, progress: ProtectedFileProgress = ProtectedFileProgress()
    ) throws -> ProtectedFileSummary {
        guard try FileTree.kind(of: input) == .folder else {
            let reader = try ProtectedFileReader(path: input, key: self.key, expectedPath: mountPath)
            try manifest?.require(reader)
            return try self.verifyOne(reader, progress)
        }
        try manifest?.check(folder: input, followingLinks: self.followingLinks)
        let expected = mountPath ?? manifest?.mountPath
        return try self.forFolder(input, mountPath: expected, progress: progress) { tree in
            try FolderWork(files: tree.files, jobs: self.jobs, progress: progress).map { file, jobs, buffer in
                let reader = try self.member(file, of: input, mountPath: expected)
                try manifest?.require(reader)
                try FileOpening(reader: reader, sink: nil, progress: progress).run(jobs: jobs, buffer: buffer)
                return reader.size
            }
        }
    }

    private func verifyOne(_ reader: ProtectedFileReader, _ progress: ProtectedFileProgress) throws -> ProtectedFileSummary {
        progress.expect(reader.size)
        try FileOpening(reader: reader, sink: nil, progress: progress).run(jobs: self.jobs, buffer: NodeBuffer(nodes: FileSealing.bufferNodes))
        return ProtectedFileSummary(files: 1, bytes: reader.size)
    }

    private func openOne(_ reader: ProtectedFileReader, to output: String, _ progress: ProtectedFileProgress) throws -> ProtectedFileSummary {
        progress.expect(reader.size)
        let sink = try FileNodeSink(path: output, permissions: 0o600, replacing: self.replacing)
        try FileOpening(reader: reader, sink: sink, progress: progress).run(jobs: self.jobs, buffer: NodeBuffer(nodes: FileSealing.bufferNodes))
        try sink.commit()
        progress.finishFile()
        return ProtectedFileSummary(files: 1, bytes: reader.size)
    }

    private func openFolder(_ input: String, to output: String, mountPath: String?, progress: ProtectedFileProgress) throws -> ProtectedFileSummary {
        let folder = try OutputFolder(path: output, permissions: 0o700, replacing: self.replacing)
        let workPath = folder.workPath
        let summary = try self.forFolder(input, mountPath: mountPath, progress: progress) { tree in
            try tree.makeFolders(in: workPath, permissions: 0o700)
            return try FolderWork(files: tree.files, jobs: self.jobs, progress: progress).map { file, jobs, buffer in
                let reader = try self.member(file, of: input, mountPath: mountPath)
                let sink = try MemberNodeSink(path: "\(workPath)/\(file.path)", permissions: 0o600)
                try FileOpening(reader: reader, sink: sink, progress: progress).run(jobs: jobs, buffer: buffer)
                try sink.finish()
                return reader.size
            }
        }
        try synchronizeFolder(workPath)
        try progress.checkCancelled()
        try folder.commit()
        return summary
    }

    private func forFolder(
        _ input: String, mountPath: String?, progress: ProtectedFileProgress, _ body: (FileTree) throws -> [Int]
    ) throws -> ProtectedFileSummary {
        var tree = try FileTree(of: input, followingLinks: self.followingLinks)
        _ = tree.remove(ModelManifest.fileName)
        progress.expect(tree.totalSize)
        let sizes = try body(tree)
        return ProtectedFileSummary(files: sizes.count, bytes: sizes.reduce(0, +))
    }

    private func member(_ file: FileTree.File, of folder: String, mountPath: String?) throws -> ProtectedFileReader {
        // An empty mount path is that of a manifest whose files are relative to nothing.
        let path = try mountPath.map { $0.isEmpty ? file.path : try EmbeddedPath.join($0, file.path) }
        let name = "\(folder)/\(file.path)"
        let storage = try FileNodeStorage(path: name, followingLinks: self.followingLinks)
        return try ProtectedFileReader(storage: storage, name: name, key: self.key, expectedPath: path)
    }

    private func reader(
        ofStream descriptor: Int32, spool folder: String, _ mountPath: String?, _ progress: ProtectedFileProgress
    ) throws -> ProtectedFileReader {
        let source = StreamSource(descriptor: descriptor, name: "the input stream", progress: progress, work: WorkState())
        let storage = try SpooledStorage(source, in: folder, progress: progress)
        return try ProtectedFileReader(storage: storage, name: "the input stream", key: self.key, expectedPath: mountPath)
    }

    private static var temporaryFolder: String {
        // Sound: the environment is not changed by this program, and the text is copied.
        guard let folder = unsafe getenv("TMPDIR") else { return "/tmp" }
        return unsafe String(cString: folder)
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            // Sound: `done` stays below the buffer's count.
            #if canImport(Darwin)
                let written = unsafe Darwin.write(descriptor, start + done, bytes.count - done)
            #elseif canImport(Musl)
                let written = unsafe Musl.write(descriptor, start + done, bytes.count - done)
            #else
                let written = unsafe Glibc.write(descriptor, start + done, bytes.count - done)
            #endif
            guard written >= 0 || errno == EINTR else { throw FileError(.write, path: "the output stream") }
            done += max(0, written)
        }
    }
}
