// SPDX-License-Identifier: Apache-2.0

/// What opening a file needs before there is a reader.
extension ProtectedFileReader {
    static func check(_ path: [UInt8], against expected: EmbeddedPath?, of name: String) throws {
        guard let expected, expected.bytes != path else { return }
        let embedded = String(decoding: path, as: UTF8.self)
        let isOnlySpelling = (try? EmbeddedPath(normalizing: embedded)) == expected
        throw ProtectedFileError(
            .pathMismatch, "\(name) is sealed for the path “\(embedded)”, not for “\(expected)”",
            remedy: isOnlySpelling
                ? "the embedded path is not normalised, so newer Gramine refuses it too: seal the original again with --mount-path \(expected)"
                : "the file was moved or renamed after sealing: use it under its own path, or seal the original again with --mount-path \(expected)")
    }

    /// Lays out the file that the metadata speak of, and opens the root of its key tree if it has one.
    static func openTree(of metadata: Metadata, in storage: any NodeStorage, name: String) throws -> DecryptedNode? {
        let size = metadata.plaintextSize
        guard size > NodeGeometry.inlineSize else { return nil }
        let root = try self.openTreeNode(0, entry: metadata.root, in: storage, name: name)
        let present = storage.count / NodeGeometry.nodeSize
        guard let geometry = NodeGeometry(plaintextSize: size), geometry.nodeCount <= present else {
            throw ProtectedFileError(.truncated, "\(name) has \(present) nodes, fewer than its plaintext of \(size) bytes needs")
        }
        return root
    }

    static func openTreeNode(_ index: Int, entry: NodeEntry, in storage: any NodeStorage, name: String) throws -> DecryptedNode {
        let physical = NodeGeometry.physicalNode(ofTree: index)
        let ciphertext = try self.physicalNodes(physical, count: 1, in: storage, of: name)
        guard let node = entry.open(ciphertext.span) else {
            let offset = physical * NodeGeometry.nodeSize
            throw ProtectedFileError(.treeAuthentication, "key tree node \(index) of \(name), at byte \(offset), is not authentic")
        }
        return node
    }

    static func physicalNodes(_ first: Int, count: Int, in storage: any NodeStorage, of name: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count * NodeGeometry.nodeSize)
        // Sound: the pointer is used only inside the closure.
        try unsafe bytes.withUnsafeMutableBytes { try unsafe self.physicalNodes(first, into: $0, in: storage, of: name) }
        return bytes
    }

    /// Fills a buffer of whole nodes.
    static func physicalNodes(
        _ first: Int, into buffer: UnsafeMutableRawBufferPointer, in storage: any NodeStorage, of name: String
    ) throws {
        let count = try unsafe storage.read(at: first * NodeGeometry.nodeSize, into: buffer)
        guard count == buffer.count else {
            throw ProtectedFileError(.truncated, "\(name) ends before its node \(first + count / NodeGeometry.nodeSize)")
        }
    }
}
