internal import ByteCoding

/// Seals a stream of any length, which need not be known before, with a fixed amount of memory.
///
/// Data nodes are final when written. A tree node is not: it will hold the keys of children that come later in the stream. Until
/// the end, its data entries are parked in the output at the node's own place, encrypted under a key that lives only here,
/// with the node's number as the IV; at the end the tree is rewritten from its leaves to its root. A sealer is used up by sealing, so
/// that no node is parked twice under one key.
struct StreamSealer: ~Copyable {
    private let key: WrapKey
    private let path: EmbeddedPath
    private let version: FormatVersion
    private let parkingKey = NodeKey.random()

    init(key: WrapKey, path: EmbeddedPath, version: FormatVersion) {
        self.key = key
        self.path = path
        self.version = version
    }

    /// Seals everything that a source gives.
    ///
    /// - Parameters:
    ///   - source: returns the next bytes, as many as asked for unless the stream ends with them.
    ///   - sink: the output; it is complete when this returns.
    /// - Returns: the number of plaintext bytes.
    /// - Throws: what `source` and `sink` throw, and `mht-auth` for a sink that does not keep what was written.
    consuming func seal(_ source: (_ count: Int) throws -> [UInt8], to sink: borrowing some NodeSink & ~Copyable) throws -> Int {
        var inline = try source(NodeGeometry.inlineSize)
        defer { wipe(&inline) }
        var size = inline.count
        if inline.count == NodeGeometry.inlineSize { size += try self.sealGroups(source, to: sink) }
        // A stream that is longer than Int can count ends before: no system reads or writes at such an offset.
        guard let geometry = NodeGeometry(plaintextSize: UInt64(size)) else { preconditionFailure("more was read than can be written") }
        let root = geometry.treeNodeCount > 0 ? try self.finishTreeNode(0, of: geometry, in: sink) : .none
        let metadata = Metadata(path: self.path, plaintextSize: size, root: root, inline: inline.span)
        let node = try MetadataNode(sealing: metadata, version: self.version, key: self.key)
        try sink.write(node.encode().span, at: 0)
        return size
    }

    /// Writes all data nodes and parks what is known of the tree nodes.
    private func sealGroups(_ source: (_ count: Int) throws -> [UInt8], to sink: borrowing some NodeSink & ~Copyable) throws -> Int {
        var size = 0
        for group in 0... {
            var plaintext = try source(NodeGeometry.groupSize)
            defer { wipe(&plaintext) }
            guard !plaintext.isEmpty else { break }
            let count = plaintext.count
            size += count
            let excess = count % NodeGeometry.nodeSize
            if excess > 0 { plaintext.append(contentsOf: repeatElement(0, count: NodeGeometry.nodeSize - excess)) }
            try self.sealGroup(group, plaintext, to: sink)
            guard count == NodeGeometry.groupSize else { break }
        }
        return size
    }

    /// Encrypts the data nodes of one group, each under a key of its own.
    private func sealGroup(_ group: Int, _ plaintext: [UInt8], to sink: borrowing some NodeSink & ~Copyable) throws {
        var ciphertext: [UInt8] = []
        ciphertext.reserveCapacity(plaintext.count)
        var entries: [UInt8] = []
        defer { wipe(&entries) }
        entries.reserveCapacity(NodeGeometry.dataNodesPerGroup * NodeEntry.byteCount)
        for start in stride(from: 0, to: plaintext.count, by: NodeGeometry.nodeSize) {
            let node = plaintext.span.extracting(start..<start + NodeGeometry.nodeSize)
            let key = NodeKey.random()
            let tag = try key.seal(node, appendingTo: &ciphertext)
            key.withBytes { entries.append(copying: $0) }
            entries.append(contentsOf: tag)
        }
        let first = NodeGeometry.physicalNode(ofData: group * NodeGeometry.dataNodesPerGroup)
        try sink.write(ciphertext.span, at: first * NodeGeometry.nodeSize)
        try self.park(entries, ofTree: group, in: sink)
    }

    /// Keeps a tree node's data entries in the output; what follows them in the node is free for the tag.
    private func park(_ entries: [UInt8], ofTree index: Int, in sink: borrowing some NodeSink & ~Copyable) throws {
        var parked: [UInt8] = []
        let tag = try self.parkingKey.seal(entries.span, appendingTo: &parked, sequence: UInt64(index))
        parked.append(contentsOf: tag)
        try sink.write(parked.span, at: NodeGeometry.physicalNode(ofTree: index) * NodeGeometry.nodeSize)
    }

    /// Writes a tree node for good, after all below it, and returns what its parent must know.
    private func finishTreeNode(_ index: Int, of geometry: NodeGeometry, in sink: borrowing some NodeSink & ~Copyable) throws -> NodeEntry {
        var node = [UInt8](repeating: 0, count: NodeGeometry.nodeSize)
        defer { wipe(&node) }
        try self.unpark(ofTree: index, of: geometry, from: sink, into: &node)
        for (place, child) in geometry.children(ofTree: index).enumerated() {
            let entry = try self.finishTreeNode(child, of: geometry, in: sink)
            entry.encode(into: &node, at: (NodeGeometry.dataNodesPerGroup + place) * NodeEntry.byteCount)
        }
        var ciphertext: [UInt8] = []
        let key = NodeKey.random()
        let tag = try key.seal(node.span, appendingTo: &ciphertext)
        try sink.write(ciphertext.span, at: NodeGeometry.physicalNode(ofTree: index) * NodeGeometry.nodeSize)
        return NodeEntry(key: key, tag: tag)
    }

    /// Reads a tree node's data entries back into its first part.
    private func unpark(
        ofTree index: Int, of geometry: NodeGeometry, from sink: borrowing some NodeSink & ~Copyable, into node: inout [UInt8]
    ) throws {
        let before = index * NodeGeometry.dataNodesPerGroup
        let length = min(geometry.dataNodeCount - before, NodeGeometry.dataNodesPerGroup) * NodeEntry.byteCount
        let offset = NodeGeometry.physicalNode(ofTree: index) * NodeGeometry.nodeSize
        let parked = try sink.read(at: offset, count: length + NodeKey.tagByteCount)
        guard parked.count == length + NodeKey.tagByteCount else { throw Self.changedOutput(at: offset) }
        let isAuthentic = unsafe node.withUnsafeMutableBytes { node in
            // Sound: the pointer stays inside the closure, and slicing is bounds-checked.
            let entries = unsafe UnsafeMutableRawBufferPointer(rebasing: node[..<length])
            let tag = parked.span.extracting(length..<parked.count)
            return unsafe self.parkingKey.open(parked.span.extracting(0..<length), tag: tag, into: entries, sequence: UInt64(index))
        }
        guard isAuthentic else { throw Self.changedOutput(at: offset) }
    }

    /// Somebody else writes to the output: a key that was read back from it is not the one that was parked there.
    private static func changedOutput(at offset: Int) -> ProtectedFileError {
        ProtectedFileError(
            .treeAuthentication, "the output changed at byte \(offset) while it was being written",
            remedy: "choose an output on storage that nobody else writes to")
    }
}
