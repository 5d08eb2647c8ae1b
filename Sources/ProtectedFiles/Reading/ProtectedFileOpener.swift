internal import ByteCoding

/// Opens sealed files and folders to plaintext ones.
///
/// Every node is authenticated before anything appears; outputs appear whole or not at all, readable by their owner alone.
public struct ProtectedFileOpener: Sendable {
    private let key: WrapKey
    private let replacing: Bool

    /// Makes an opener.
    ///
    /// - Parameters:
    ///   - key: the wrap key that the files were sealed with.
    ///   - replacing: whether outputs that exist already may be replaced.
    public init(key: WrapKey, replacing: Bool = false) {
        self.key = key
        self.replacing = replacing
    }

    /// Opens a sealed file, or a folder with all that is in it.
    ///
    /// - Parameters:
    ///   - input: a sealed file, or a folder that holds only sealed files and folders.
    ///   - output: the plaintext file or folder.
    ///   - mountPath: where the input must claim to be, for a folder together with each file's relative path; `nil` accepts any.
    /// - Returns: how many files and bytes of plaintext were opened.
    /// - Throws: ``ProtectedFileError`` for an input that is not acceptable, or the system's failure.
    public func open(_ input: String, to output: String, mountPath: String? = nil) throws -> ProtectedFileSummary {
        switch try FileTree.kind(of: input) {
        case .file:
            return ProtectedFileSummary(files: 1, bytes: try self.openFile(input, to: output, mountPath: mountPath, replacing: self.replacing))
        case .folder: return try self.openFolder(input, to: output, mountPath: mountPath)
        }
    }

    private func openFolder(_ input: String, to output: String, mountPath: String?) throws -> ProtectedFileSummary {
        let tree = try FileTree(of: input)
        let folder = try OutputFolder(path: output, permissions: 0o700, replacing: self.replacing)
        var summary = ProtectedFileSummary(files: 0, bytes: 0)
        try tree.makeFolders(in: folder.workPath, permissions: 0o700)
        for file in tree.files {
            let path = try mountPath.map { try EmbeddedPath.join($0, file) }
            summary.add(try self.openFile("\(input)/\(file)", to: "\(folder.workPath)/\(file)", mountPath: path, replacing: false))
        }
        try folder.commit()
        return summary
    }

    private func openFile(_ input: String, to output: String, mountPath: String?, replacing: Bool) throws -> Int {
        let reader = try ProtectedFileReader(path: input, key: self.key, expectedPath: mountPath)
        let file = try OutputFile(path: output, permissions: 0o600, replacing: replacing)
        var offset = 0
        while offset < reader.size {
            // The first piece ends where the first group begins, so that all others are whole groups.
            var bytes = try reader.read(at: offset, count: offset == 0 ? NodeGeometry.inlineSize : NodeGeometry.groupSize)
            defer { wipe(&bytes) }
            try file.write(bytes.span, at: offset)
            offset += bytes.count
        }
        try file.commit()
        return reader.size
    }
}
