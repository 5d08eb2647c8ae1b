// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// Comparing a manifest with what is there.
extension ModelManifest {
    /// Throws unless this is the manifest that is asked for.
    ///
    /// - Throws: ``ProtectedFileError`` with the code `manifest-mismatch`.
    public func require(_ expected: ManifestDigest) throws {
        guard self.digest == expected else {
            throw ProtectedFileError(.manifestMismatch, "the model's manifest has the digest \(self.digest), not \(expected)")
        }
    }

    /// Throws unless a folder holds the manifest's files, each in the very state that the manifest tells, and no others.
    ///
    /// Needs no key, and so authenticates nothing: a reader that opens the files later compares each with
    /// ``require(_:)-(ProtectedFileReader)``, and what it then reads is authentic.
    ///
    /// - Parameters:
    ///   - folder: the sealed folder; its own manifest file does not count.
    ///   - followingLinks: whether symbolic links in the folder may be followed.
    /// - Throws: ``ProtectedFileError`` with the code `manifest-mismatch`, that of a damaged header, or the system's failure.
    public func check(folder: String, followingLinks: Bool = false) throws {
        var tree = try FileTree(of: folder, followingLinks: followingLinks)
        _ = tree.remove(Self.fileName)
        // Byte by byte: Swift's strings compare by meaning, names of files do not.
        var present: [[UInt8]: FileTree.File] = [:]
        for file in tree.files { present[Array(file.path.utf8)] = file }
        for file in self.files {
            let relative = self.relativePath(of: file) ?? ""
            guard let found = present[Array(relative.utf8)] else {
                throw ProtectedFileError(.manifestMismatch, "\(folder) has no file for \(file.path), which its manifest lists")
            }
            present[Array(relative.utf8)] = nil
            try self.check("\(folder)/\(relative)", size: found.size, is: file)
        }
        if let stray = present.values.map(\.path).min() {
            throw ProtectedFileError(.manifestMismatch, "\(folder)/\(stray) is not in the manifest")
        }
    }

    /// Throws unless an open file is the one that the manifest lists under the path it is sealed for.
    ///
    /// - Throws: ``ProtectedFileError`` with the code `manifest-mismatch`.
    public func require(_ reader: ProtectedFileReader) throws {
        let path = reader.embeddedPath
        guard let file = self.file(path) else { throw ProtectedFileError(.manifestMismatch, "\(path) is not in the manifest") }
        guard file.metadataTag == reader.metadataTag, file.plaintextSize == reader.size else {
            throw ProtectedFileError(.manifestMismatch, "the file of \(path) is not in the state that the manifest tells")
        }
    }

    /// The file that is sealed for a path.
    func file(_ path: String) -> File? {
        let wanted = Array(path.utf8)
        var range = self.files.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let found = Array(self.files[middle].path.utf8)
            if found == wanted { return self.files[middle] }
            range = found.lexicographicallyPrecedes(wanted) ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    private func check(_ path: String, size: Int, is file: File) throws {
        let storage = try FileNodeStorage(path: path)
        let first = try ProtectedFileReader.physicalNodes(0, count: 1, in: storage, of: path)
        let node = try MetadataNode(decoding: first.span, of: path)
        guard size == file.sealedSize, node.tag == file.metadataTag else {
            throw ProtectedFileError(.manifestMismatch, "\(path) is not in the state that the manifest tells")
        }
    }
}
