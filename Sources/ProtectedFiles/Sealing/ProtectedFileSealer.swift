internal import ByteCoding

/// Seals files and folders under a wrap key.
///
/// Every node is encrypted under a key of its own, made for this write; outputs appear whole or not at all.
public struct ProtectedFileSealer: Sendable {
    private let key: WrapKey
    private let formatVersion: FormatVersion
    private let replacing: Bool

    /// Makes a sealer.
    ///
    /// - Parameters:
    ///   - key: the wrap key that the enclave will open the files with.
    ///   - formatVersion: what the enclave's Gramine can read.
    ///   - replacing: whether outputs that exist already may be replaced.
    public init(key: WrapKey, formatVersion: FormatVersion = .version1, replacing: Bool = false) {
        self.key = key
        self.formatVersion = formatVersion
        self.replacing = replacing
    }

    /// Seals a file, or a folder with all that is in it.
    ///
    /// - Parameters:
    ///   - input: a regular file or a folder; a folder may hold only files and folders.
    ///   - output: the sealed file or folder.
    ///   - mountPath: what the enclave will open the output as, after the `file:` of its mount's URI: embedded after
    ///     normalising, for a folder together with each file's relative path.
    /// - Returns: how many files and bytes of plaintext were sealed.
    /// - Throws: ``ProtectedFileError`` for an input or path that cannot be sealed, or the system's failure.
    public func seal(_ input: String, to output: String, mountPath: String) throws -> ProtectedFileSummary {
        switch try FileTree.kind(of: input) {
        case .file:
            let path = try EmbeddedPath(normalizing: mountPath)
            return ProtectedFileSummary(files: 1, bytes: try self.sealFile(input, to: output, path: path, replacing: self.replacing))
        case .folder: return try self.sealFolder(input, to: output, mountPath: mountPath)
        }
    }

    /// Seals bytes in memory.
    ///
    /// - Throws: ``ProtectedFileError`` for a path that cannot be embedded.
    public func seal(_ plaintext: [UInt8], mountPath: String) throws -> [UInt8] {
        let sealer = StreamSealer(key: self.key, path: try EmbeddedPath(normalizing: mountPath), version: self.formatVersion)
        let sink = MemoryNodeSink()
        var rest = plaintext[...]
        let source = { (count: Int) -> [UInt8] in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        _ = try sealer.seal(source, to: sink)
        return sink.bytes
    }

    private func sealFolder(_ input: String, to output: String, mountPath: String) throws -> ProtectedFileSummary {
        let tree = try FileTree(of: input)
        // Every path is checked before anything is written.
        let paths = try tree.files.map { try EmbeddedPath(normalizing: EmbeddedPath.join(mountPath, $0)) }
        let folder = try OutputFolder(path: output, replacing: self.replacing)
        var summary = ProtectedFileSummary(files: 0, bytes: 0)
        try tree.makeFolders(in: folder.workPath, permissions: 0o755)
        for (file, path) in zip(tree.files, paths) {
            summary.add(try self.sealFile("\(input)/\(file)", to: "\(folder.workPath)/\(file)", path: path, replacing: false))
        }
        try folder.commit()
        return summary
    }

    private func sealFile(_ input: String, to output: String, path: EmbeddedPath, replacing: Bool) throws -> Int {
        let file = try InputFile(path: input)
        let sealer = StreamSealer(key: self.key, path: path, version: self.formatVersion)
        let sink = try FileNodeSink(path: output, permissions: 0o644, replacing: replacing)
        var offset = 0
        let source = { (count: Int) throws -> [UInt8] in
            let bytes = try file.read(at: offset, count: count)
            offset += bytes.count
            return bytes
        }
        let size = try sealer.seal(source, to: sink)
        guard size == file.count else {
            throw ProtectedFileError(.inputChanged, "\(input) had \(file.count) bytes at first and \(size) when it was read")
        }
        try sink.commit()
        return size
    }
}
