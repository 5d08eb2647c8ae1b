// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// What can be told of a sealed file without reading its contents: some by everybody, the rest with the key.
public struct ProtectedFileInspection: Hashable, Sendable {
    /// What only the key shows; all of it is authenticated.
    public struct Authenticated: Hashable, Sendable {
        /// The path that the file is sealed for.
        public let embeddedPath: String
        /// Length of the plaintext in bytes.
        public let plaintextSize: Int
        /// Nodes that hold plaintext, beside the first.
        public let dataNodes: Int
        /// Nodes of the key tree.
        public let treeNodes: Int
        /// Whole nodes behind the end, which every reader ignores.
        public let trailingNodes: Int
    }

    /// Major version of the format, authenticated by the metadata's key.
    public let formatVersion: FormatVersion
    /// Minor version, which nothing authenticates and no reader checks.
    public let minorVersion: UInt8
    /// Feature flags of version 2, which nothing authenticates: bit 0 means that Gramine has a journal to replay.
    public let featureFlags: UInt8
    /// Length of the sealed file in bytes, which nothing authenticates; the plaintext's length is.
    public let sealedSize: Int
    /// Nodes of 4096 bytes in the file.
    public let nodes: Int
    /// Largest plaintext that so many nodes can hold, in bytes: what everybody can tell of the size.
    public let largestPlaintextSize: Int
    /// The AES-GCM tag of the metadata, 16 bytes, which pins this very sealing of the file.
    public let metadataTag: [UInt8]
    /// What the key shows; `nil` without a key.
    public let authenticated: Authenticated?

    /// Looks at a sealed file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - key: the wrap key it was sealed with, or `nil` for what can be seen without.
    /// - Throws: ``ProtectedFileError`` for what is no such file or not authentic under the key, or the system's failure to read it.
    public init(ofFile path: String, key: WrapKey?) throws {
        let storage = try FileNodeStorage(path: path)
        guard storage.count % NodeGeometry.nodeSize == 0 else {
            throw ProtectedFileError(.badSize, "\(path) has \(storage.count) bytes, which is not a multiple of \(NodeGeometry.nodeSize)")
        }
        let first = try ProtectedFileReader.physicalNodes(0, count: 1, in: storage, of: path)
        let header = try MetadataNode(decoding: first.span, of: path)
        self.formatVersion = header.version
        self.minorVersion = header.minorVersion
        self.featureFlags = header.featureFlags
        self.metadataTag = header.tag
        self.sealedSize = storage.count
        self.nodes = storage.count / NodeGeometry.nodeSize
        self.largestPlaintextSize = NodeGeometry.largestPlaintext(inNodes: self.nodes)
        let nodes = self.nodes
        self.authenticated = try key.map { key in
            let reader = try ProtectedFileReader(storage: storage, name: path, key: key)
            // Cannot be nil: the reader has laid out a file of that size.
            let geometry = NodeGeometry(plaintextSize: UInt64(reader.size))
            return Authenticated(
                embeddedPath: reader.embeddedPath, plaintextSize: reader.size, dataNodes: geometry?.dataNodeCount ?? 0,
                treeNodes: geometry?.treeNodeCount ?? 0, trailingNodes: nodes - (geometry?.nodeCount ?? nodes))
        }
    }
}
