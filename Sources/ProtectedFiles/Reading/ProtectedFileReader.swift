// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Synchronization

/// A sealed file, read at any offset and from any thread without ever being decrypted as a whole.
///
/// Opening checks the header, the metadata, the path and the root of the key tree, and that every node is there; other nodes are
/// checked when they are read, and no byte is given out before its node's tag was found right. Nothing in the format tells an
/// older file from a newer one at the same path. Keys and a few data nodes are kept within a fixed budget.
public final class ProtectedFileReader: Sendable {
    /// How many decrypted nodes a reader keeps.
    package struct CacheLimits: Sendable {
        package let treeNodes: Int
        package let dataNodes: Int

        package init(treeNodes: Int, dataNodes: Int) {
            self.treeNodes = treeNodes
            self.dataNodes = dataNodes
        }

        /// 4 MiB of keys, enough for 384 MiB of plaintext, and 256 KiB of data for reads smaller than a node.
        package static let standard = CacheLimits(treeNodes: 1024, dataNodes: 64)
    }

    private struct Caches: Sendable {
        var tree: NodeCache
        var data: NodeCache
    }

    /// Length of the plaintext in bytes.
    public let size: Int
    /// Major version of the file's format.
    public let formatVersion: FormatVersion
    /// The path for which the file was sealed; parts that are not UTF-8 are shown as replacement characters.
    public var embeddedPath: String { String(decoding: self.metadata.path, as: UTF8.self) }
    /// The AES-GCM tag of the metadata, 16 bytes, which pins this very sealing of the file: see ``ModelManifest``.
    public let metadataTag: [UInt8]

    let name: String
    let storage: any NodeStorage
    let metadata: Metadata
    /// The root of the key tree, in files that have one.
    private let root: DecryptedNode?
    private let caches: Mutex<Caches>

    /// Opens a sealed file on disk.
    ///
    /// - Parameters:
    ///   - path: where the file lies; it may be elsewhere than where the enclave will see it.
    ///   - key: the wrap key it was sealed with.
    ///   - expectedPath: where it must claim to be. It is normalised and then compared with the embedded path byte by byte;
    ///     `nil` accepts any.
    /// - Throws: ``ProtectedFileError`` for a file that is not acceptable, or the system's failure to read it.
    public convenience init(path: String, key: WrapKey, expectedPath: String? = nil) throws {
        try self.init(storage: try FileNodeStorage(path: path), name: path, key: key, expectedPath: expectedPath)
    }

    /// Opens a sealed file in memory.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - name: what messages call it.
    ///   - key: the wrap key it was sealed with.
    ///   - expectedPath: where it must claim to be; `nil` accepts any path.
    /// - Throws: ``ProtectedFileError`` for a file that is not acceptable.
    public convenience init(bytes: [UInt8], name: String, key: WrapKey, expectedPath: String? = nil) throws {
        try self.init(storage: MemoryNodeStorage(bytes: bytes), name: name, key: key, expectedPath: expectedPath)
    }

    /// Opens a sealed file in any storage.
    package init(
        storage: any NodeStorage, name: String, key: WrapKey, expectedPath: String? = nil, limits: CacheLimits = .standard
    ) throws {
        let expected = try expectedPath.map { try EmbeddedPath(normalizing: $0) }
        guard storage.count % NodeGeometry.nodeSize == 0 else {
            throw ProtectedFileError(.badSize, "\(name) has \(storage.count) bytes, which is not a multiple of \(NodeGeometry.nodeSize)")
        }
        let first = try Self.physicalNodes(0, count: 1, in: storage, of: name)
        let header = try MetadataNode(decoding: first.span, of: name)
        let metadata = try header.open(with: key, of: name)
        try Self.check(metadata.path, against: expected, of: name)
        self.root = try Self.openTree(of: metadata, in: storage, name: name)
        self.size = Int(metadata.plaintextSize)  // Cannot trap: openTree has laid out a file of that size.
        self.formatVersion = header.version
        self.metadataTag = header.tag
        self.name = name
        self.storage = storage
        self.metadata = metadata
        self.caches = Mutex(Caches(tree: NodeCache(capacity: limits.treeNodes), data: NodeCache(capacity: limits.dataNodes)))
    }

    /// Reads plaintext into memory of the caller.
    ///
    /// - Parameters:
    ///   - offset: where to begin, not negative; at or behind the end nothing is read.
    ///   - buffer: where to put the bytes. After a failure its contents are not to be used.
    /// - Returns: the number of bytes read: fewer than the buffer holds only at the end of the file.
    /// - Throws: ``ProtectedFileError`` with the code `mht-auth`, `data-auth` or `truncated` for a damaged node.
    public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        precondition(offset >= 0, "offsets count from the beginning of the file")
        guard offset < self.size else { return 0 }
        let count = min(buffer.count, self.size - offset)
        var done = 0
        while done < count {
            // Sound: each step writes to a part of the buffer that begins at `done` and ends at or before `count`.
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<count])
            done += try unsafe self.readSome(at: offset + done, into: rest)
        }
        return count
    }

    /// Reads up to `count` bytes of plaintext; fewer only at the end of the file.
    ///
    /// - Throws: as ``read(at:into:)``.
    public func read(at offset: Int, count: Int) throws -> [UInt8] {
        let available = max(0, min(count, self.size - min(offset, self.size)))
        return try unsafe [UInt8](unsafeUninitializedCapacity: available) { buffer, initializedCount in
            // Sound: as many bytes are declared initialized as were read; none when the read throws.
            initializedCount = try unsafe self.read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Reads from one place: the metadata node, one node in part, or as many whole nodes of a group as are wanted.
    private func readSome(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= NodeGeometry.inlineSize else {
            return self.metadata.inline.withBytes { unsafe Self.copy($0, from: offset, into: buffer) }
        }
        let (node, start) = (offset - NodeGeometry.inlineSize).quotientAndRemainder(dividingBy: NodeGeometry.nodeSize)
        guard start == 0, buffer.count >= NodeGeometry.nodeSize else {
            return try self.dataNode(node).withBytes { unsafe Self.copy($0, from: start, into: buffer) }
        }
        let leftInGroup = NodeGeometry.dataNodesPerGroup - node % NodeGeometry.dataNodesPerGroup
        let count = min(buffer.count / NodeGeometry.nodeSize, leftInGroup)
        return try unsafe self.readWholeNodes(node..<node + count, into: buffer)
    }

    /// Reads whole data nodes of one group into the caller's memory and decrypts them there.
    private func readWholeNodes(_ nodes: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let tree = try self.treeNode(nodes.lowerBound / NodeGeometry.dataNodesPerGroup)
        // Sound: the caller's buffer holds at least `nodes.count` nodes, and slicing is bounds-checked.
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<(nodes.count * NodeGeometry.nodeSize)])
        try unsafe Self.physicalNodes(NodeGeometry.physicalNode(ofData: nodes.lowerBound), into: place, in: self.storage, of: self.name)
        let firstEntry = nodes.lowerBound % NodeGeometry.dataNodesPerGroup * NodeEntry.byteCount
        let authentic = tree.withBytes { tree in
            let entries = tree.extracting(firstEntry..<firstEntry + nodes.count * NodeEntry.byteCount)
            return unsafe entries.withUnsafeBytes { unsafe NodeCipher.current.openNodes(place, entries: $0) }
        }
        guard authentic == nodes.count else { throw self.damagedData(nodes.lowerBound + authentic) }
        return place.count
    }

    /// One data node, kept for the next small read near it.
    private func dataNode(_ index: Int) throws -> DecryptedNode {
        if let kept = self.caches.withLock({ $0.data.node(index) }) { return kept }
        let (group, entry) = index.quotientAndRemainder(dividingBy: NodeGeometry.dataNodesPerGroup)
        let tree = try self.treeNode(group)
        let ciphertext = try self.physicalNodes(NodeGeometry.physicalNode(ofData: index), count: 1)
        guard let node = tree.dataEntry(entry).open(ciphertext.span) else { throw self.damagedData(index) }
        self.caches.withLock { $0.data.insert(node, as: index) }
        return node
    }

    /// One tree node, with all above it checked.
    ///
    /// The depth is at most 10 in a file whose length `Int` can hold.
    private func treeNode(_ index: Int) throws -> DecryptedNode {
        if index == 0, let root = self.root { return root }
        if let kept = self.caches.withLock({ $0.tree.node(index) }) { return kept }
        let parent = NodeGeometry.parent(ofTree: index)
        let entry = try self.treeNode(parent.node).childEntry(parent.entry)
        let node = try Self.openTreeNode(index, entry: entry, in: self.storage, name: self.name)
        self.caches.withLock { $0.tree.insert(node, as: index) }
        return node
    }

    private func physicalNodes(_ first: Int, count: Int) throws -> [UInt8] {
        try Self.physicalNodes(first, count: count, in: self.storage, of: self.name)
    }

    private func damagedData(_ index: Int) -> ProtectedFileError {
        let offset = NodeGeometry.physicalNode(ofData: index) * NodeGeometry.nodeSize
        return ProtectedFileError(.dataAuthentication, "data node \(index) of \(self.name), at byte \(offset), is not authentic")
    }

    /// Copies what a node has from `start` on, as far as the buffer reaches.
    private static func copy(_ node: Span<UInt8>, from start: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, node.count - start)
        // Sound: `count` fits both sides, and the source is used only inside the closure.
        unsafe node.extracting(start..<start + count).withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
        return count
    }
}
