// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Synchronization

/// The sealing of one file: from a source of any length, which need not be known before, into a sink, in a fixed amount of memory.
///
/// Data nodes are encrypted group by group by several workers and are final when written. Then the tree is written from its leaves
/// to its root, and the metadata last, so that an unfinished file is none. A file of one group or less is one write.
final class FileSealing: Sendable {
    private let key: WrapKey
    private let path: EmbeddedPath
    private let version: FormatVersion
    private let source: any PlaintextSource
    private let sink: any NodeSink
    private let store: EntryStore
    private let progress: ProtectedFileProgress
    private let size = Atomic(0)
    private let work: WorkState

    /// What a worker needs: a whole file of one group.
    static let bufferNodes = 2 + NodeGeometry.dataNodesPerGroup

    init(
        key: WrapKey, path: EmbeddedPath, version: FormatVersion, source: any PlaintextSource, sink: any NodeSink,
        progress: ProtectedFileProgress = ProtectedFileProgress(), work: WorkState = WorkState(), entryLimit: Int = EntryStore.standardLimit
    ) {
        self.key = key
        self.path = path
        self.version = version
        self.source = source
        self.sink = sink
        self.store = EntryStore(sink: sink, limit: entryLimit)
        self.progress = progress
        self.work = work
    }

    /// What is known of the file when it is sealed.
    struct Result: Sendable {
        /// Bytes of plaintext.
        let size: Int
        /// Tag of the metadata, which no other sealing has.
        let tag: [UInt8]
    }

    /// Seals the file; may be called once.
    ///
    /// - Parameters:
    ///   - jobs: how many threads may work on it.
    ///   - buffer: memory of ``bufferNodes`` nodes.
    /// - Returns: what the file's manifest entry needs.
    /// - Throws: what the source and the sink throw, and `mht-auth` for a sink that does not keep what was written.
    func run(jobs: Int, buffer: NodeBuffer) throws -> Result {
        var inline = [UInt8](repeating: 0, count: NodeGeometry.inlineSize)
        defer { wipe(&inline) }
        // Sound, here and below: buffers are used only during the calls.
        let inlineCount = try unsafe inline.withUnsafeMutableBytes { try unsafe self.source.readInline(into: $0) }
        self.add(inlineCount)
        if inlineCount == NodeGeometry.inlineSize {
            let place = unsafe buffer.slice(2 * NodeGeometry.nodeSize..<Self.bufferNodes * NodeGeometry.nodeSize)
            if let first = try unsafe self.source.nextGroup(into: place) {
                guard first.group == 0 else { preconditionFailure("groups were taken before the first") }
                if first.count < NodeGeometry.groupSize { return try self.finishSmall(inline, first.count, buffer) }
                try unsafe self.sealGroup(0, first.count, place)
                try self.sealOtherGroups(jobs: jobs)
            }
        }
        return try self.finish(inline)
    }

    private func sealOtherGroups(jobs: Int) throws {
        try WorkerThreads.run(jobs, self.work) {
            let buffer = NodeBuffer(nodes: NodeGeometry.dataNodesPerGroup)
            let place = unsafe buffer.slice(0..<NodeGeometry.groupSize)
            while !self.work.isStopped, let next = try unsafe self.source.nextGroup(into: place) {
                try unsafe self.sealGroup(next.group, next.count, place)
            }
        }
    }

    /// Encrypts a group's data nodes in place, each under a key of its own, and writes them.
    private func sealGroup(_ group: Int, _ count: Int, _ place: UnsafeMutableRawBufferPointer) throws {
        try self.progress.checkCancelled()
        var entries = [UInt8](repeating: 0, count: NodeGeometry.dataNodesPerGroup * NodeEntry.byteCount)
        defer { wipe(&entries) }
        try unsafe entries.withUnsafeMutableBytes { entries in
            let nodes = try unsafe self.encrypt(count, place, entries)
            let offset = NodeGeometry.physicalNode(ofData: group * NodeGeometry.dataNodesPerGroup) * NodeGeometry.nodeSize
            try unsafe self.sink.write(UnsafeRawBufferPointer(rebasing: place[..<(nodes * NodeGeometry.nodeSize)]), at: offset)
            try unsafe self.store.put(UnsafeRawBufferPointer(rebasing: entries[..<(nodes * NodeEntry.byteCount)]), ofGroup: group)
        }
        self.add(count)
    }

    /// Pads `count` bytes to whole nodes and encrypts them; the first entries get fresh keys and the tags.
    private func encrypt(_ count: Int, _ place: UnsafeMutableRawBufferPointer, _ entries: UnsafeMutableRawBufferPointer) throws -> Int {
        let nodes = (count + NodeGeometry.nodeSize - 1) / NodeGeometry.nodeSize
        unsafe UnsafeMutableRawBufferPointer(rebasing: place[count..<nodes * NodeGeometry.nodeSize]).initializeMemory(as: UInt8.self, repeating: 0)
        let used = unsafe UnsafeMutableRawBufferPointer(rebasing: entries[..<(nodes * NodeEntry.byteCount)])
        // One call for all keys of the group; the halves that tags are for are overwritten.
        unsafe NodeCipher.current.randomize(used)
        unsafe NodeCipher.current.sealNodes(UnsafeMutableRawBufferPointer(rebasing: place[..<(nodes * NodeGeometry.nodeSize)]), entries: used)
        return nodes
    }

    /// Writes a file of one incomplete group, of which the plaintext lies in the buffer at its place, at once.
    private func finishSmall(_ inline: [UInt8], _ count: Int, _ buffer: NodeBuffer) throws -> Result {
        try self.progress.checkCancelled()
        let tree = unsafe buffer.slice(NodeGeometry.nodeSize..<2 * NodeGeometry.nodeSize)
        let data = unsafe buffer.slice(2 * NodeGeometry.nodeSize..<Self.bufferNodes * NodeGeometry.nodeSize)
        unsafe tree.initializeMemory(as: UInt8.self, repeating: 0)
        let nodes = try unsafe self.encrypt(count, data, tree)
        self.add(count)
        let root = unsafe Self.encryptTreeNode(tree)
        try self.source.finish()
        let node = try self.metadataNode(inline, root: root)
        unsafe buffer.slice(0..<NodeGeometry.nodeSize).copyBytes(from: node.encode())
        try unsafe self.sink.write(UnsafeRawBufferPointer(buffer.slice(0..<(2 + nodes) * NodeGeometry.nodeSize)), at: 0)
        return Result(size: self.size.load(ordering: .relaxed), tag: node.tag)
    }

    private func finish(_ inline: [UInt8]) throws -> Result {
        try self.source.finish()
        let size = self.size.load(ordering: .relaxed)
        // A stream that is longer than Int can count ends before: no system reads or writes at such an offset.
        guard let geometry = NodeGeometry(plaintextSize: UInt64(size)) else { preconditionFailure("more was read than can be written") }
        let root = geometry.treeNodeCount > 0 ? try self.finishTreeNode(0, of: geometry) : .none
        let node = try self.metadataNode(inline, root: root)
        try unsafe node.encode().withUnsafeBytes { try unsafe self.sink.write($0, at: 0) }
        return Result(size: size, tag: node.tag)
    }

    private func metadataNode(_ inline: [UInt8], root: NodeEntry) throws -> MetadataNode {
        let metadata = Metadata(path: self.path, plaintextSize: self.size.load(ordering: .relaxed), root: root, inline: inline.span)
        return try MetadataNode(sealing: metadata, version: self.version, key: self.key)
    }

    /// Writes a tree node for good, after all below it, and returns what its parent must know.
    private func finishTreeNode(_ index: Int, of geometry: NodeGeometry) throws -> NodeEntry {
        try self.progress.checkCancelled()
        var node = [UInt8](repeating: 0, count: NodeGeometry.nodeSize)
        defer { wipe(&node) }
        let dataNodes = min(geometry.dataNodeCount - index * NodeGeometry.dataNodesPerGroup, NodeGeometry.dataNodesPerGroup)
        try unsafe node.withUnsafeMutableBytes { try unsafe self.store.take(group: index, count: dataNodes, into: $0) }
        for (place, child) in geometry.children(ofTree: index).enumerated() {
            let entry = try self.finishTreeNode(child, of: geometry)
            entry.encode(into: &node, at: (NodeGeometry.dataNodesPerGroup + place) * NodeEntry.byteCount)
        }
        return try unsafe node.withUnsafeMutableBytes { node in
            let entry = unsafe Self.encryptTreeNode(node)
            try unsafe self.sink.write(UnsafeRawBufferPointer(node), at: NodeGeometry.physicalNode(ofTree: index) * NodeGeometry.nodeSize)
            return entry
        }
    }

    /// Encrypts a node in place under a fresh key.
    private static func encryptTreeNode(_ node: UnsafeMutableRawBufferPointer) -> NodeEntry {
        var entry = [UInt8](repeating: 0, count: NodeEntry.byteCount)
        defer { wipe(&entry) }
        unsafe entry.withUnsafeMutableBytes { entry in
            unsafe NodeCipher.current.randomize(entry)
            unsafe NodeCipher.current.sealNodes(node, entries: entry)
        }
        return NodeEntry(decoding: entry.span)
    }

    private func add(_ count: Int) {
        self.size.wrappingAdd(count, ordering: .relaxed)
        self.progress.add(count)
    }
}
