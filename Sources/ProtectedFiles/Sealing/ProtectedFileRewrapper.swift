// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Puts sealed files under another wrap key.
///
/// A node's key is stored in its parent, and the wrap key protects the metadata alone; so a change of the wrap key is a new metadata node,
/// and the rest of the file stays as it is. The old key alone does not open the new file. But whoever had the old key and the old file
/// knows the keys of all nodes, which are those of the new file too: they can read what lies beyond the first 3072 bytes of the new file, and
/// with AES-GCM they can also change it so that its tags still fit. Against them only encrypting again helps.
public struct ProtectedFileRewrapper: Sendable {
    private let oldKey: WrapKey
    private let newKey: WrapKey
    private let isDeep: Bool
    private let replacing: Bool
    private let jobs: Int
    private let followingLinks: Bool

    /// Makes a rewrapper.
    ///
    /// - Parameters:
    ///   - oldKey: the wrap key that the files are sealed with.
    ///   - newKey: the wrap key that they shall be sealed with.
    ///   - isDeep: whether every node is encrypted again under a fresh key, not the metadata alone.
    ///   - replacing: whether outputs that exist already may be replaced.
    ///   - jobs: how many threads to use; `nil` for as many as there are processors.
    ///   - followingLinks: whether symbolic links in a folder are read as what they point to; else they are refused.
    public init(
        from oldKey: WrapKey, to newKey: WrapKey, isDeep: Bool = false, replacing: Bool = false, jobs: Int? = nil, followingLinks: Bool = false
    ) {
        self.oldKey = oldKey
        self.newKey = newKey
        self.isDeep = isDeep
        self.replacing = replacing
        self.jobs = min(max(1, jobs ?? WorkerThreads.defaultCount), WorkerThreads.maximumCount)
        self.followingLinks = followingLinks
    }

    /// Makes a copy of a sealed file, or of a folder of them, under the new key; embedded paths and format versions stay.
    ///
    /// - Parameters:
    ///   - input: the sealed file or folder. A folder's manifest, if it has one, must hold, and is written anew for the output.
    ///   - output: the file or folder to make; it may be the input where replacing is allowed.
    ///   - progress: tells others how far the work is.
    /// - Returns: how many files and bytes of plaintext were rewrapped.
    /// - Throws: ``ProtectedFileError`` for an input that is not acceptable, the system's failure, or `CancellationError`.
    public func rewrap(
        _ input: String, to output: String, progress: ProtectedFileProgress = ProtectedFileProgress()
    ) throws -> ProtectedFileSummary {
        let buffer = NodeBuffer(nodes: FileSealing.bufferNodes)
        guard try FileTree.kind(of: input) == .folder else {
            let storage = try FileNodeStorage(path: input)
            progress.expect(storage.count)
            let sink = try FileNodeSink(path: output, permissions: 0o644, replacing: self.replacing)
            let result = try self.rewrap(storage, name: input, to: sink, progress, jobs: self.jobs, buffer)
            try sink.commit()
            progress.finishFile()
            return ProtectedFileSummary(files: 1, bytes: result.plaintextSize)
        }
        return try self.rewrapFolder(input, to: output, progress)
    }

    private func rewrapFolder(_ input: String, to output: String, _ progress: ProtectedFileProgress) throws -> ProtectedFileSummary {
        var tree = try FileTree(of: input, followingLinks: self.followingLinks)
        let manifest = tree.remove(ModelManifest.fileName) ? try ModelManifest(contentsOfFile: "\(input)/\(ModelManifest.fileName)") : nil
        try manifest?.check(folder: input, followingLinks: self.followingLinks)
        progress.expect(tree.totalSize)
        let folder = SealedFolderOutput(
            path: output, mountPath: manifest?.mountPath ?? "", replacing: self.replacing, manifest: manifest == nil ? .nowhere : .insideFolder,
            permissions: 0o755)
        return try folder.make(tree, jobs: self.jobs, progress: progress) { file, destination, jobs, buffer in
            let name = "\(input)/\(file.path)"
            let storage = try FileNodeStorage(path: name, followingLinks: self.followingLinks)
            let sink = try MemberNodeSink(path: destination, permissions: 0o644)
            let result = try self.rewrap(storage, name: name, to: sink, progress, jobs: jobs, buffer, manifest)
            try sink.finish()
            return result
        }
    }

    private func rewrap(
        _ storage: FileNodeStorage, name: String, to sink: any NodeSink, _ progress: ProtectedFileProgress, jobs: Int, _ buffer: NodeBuffer,
        _ manifest: ModelManifest? = nil
    ) throws -> ModelManifest.File {
        let reader = try ProtectedFileReader(storage: storage, name: name, key: self.oldKey)
        try manifest?.require(reader)
        let tag = try self.isDeep ? self.sealAgain(reader, to: sink, progress, jobs, buffer) : self.copy(reader, to: sink, progress, buffer)
        return SealedFolderOutput.entry(path: reader.embeddedPath, plaintextSize: reader.size, tag: tag)
    }

    /// Encrypts everything again under fresh keys.
    private func sealAgain(
        _ reader: ProtectedFileReader, to sink: any NodeSink, _ progress: ProtectedFileProgress, _ jobs: Int, _ buffer: NodeBuffer
    ) throws -> [UInt8] {
        let sealing = FileSealing(
            key: self.newKey, path: EmbeddedPath(stored: reader.metadata.path), version: reader.formatVersion, source: RandomAccessSource(reader),
            sink: sink, progress: progress)
        return try sealing.run(jobs: jobs, buffer: buffer).tag
    }

    /// Copies the nodes as they are, up to the last that counts, and writes new metadata.
    private func copy(
        _ reader: ProtectedFileReader, to sink: any NodeSink, _ progress: ProtectedFileProgress, _ buffer: NodeBuffer
    ) throws -> [UInt8] {
        // Cannot be nil: the reader has laid out a file of that size.
        let nodes = NodeGeometry(plaintextSize: UInt64(reader.size))?.nodeCount ?? 1
        for first in stride(from: 1, to: nodes, by: FileSealing.bufferNodes) {
            try progress.checkCancelled()
            let place = unsafe buffer.slice(0..<min(FileSealing.bufferNodes, nodes - first) * NodeGeometry.nodeSize)
            // Sound: the buffer outlives the calls.
            try unsafe ProtectedFileReader.physicalNodes(first, into: place, in: reader.storage, of: reader.name)
            try unsafe sink.write(UnsafeRawBufferPointer(place), at: first * NodeGeometry.nodeSize)
            progress.add(place.count)
        }
        let node = try MetadataNode(sealing: reader.metadata, version: reader.formatVersion, key: self.newKey)
        try unsafe node.encode().withUnsafeBytes { try unsafe sink.write($0, at: 0) }
        return node.tag
    }
}
