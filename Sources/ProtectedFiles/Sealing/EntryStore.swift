// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Synchronization

/// The keys and tags of data nodes, group by group, until their tree nodes can be written.
///
/// A tree node holds the keys of children that come later in the file, so none is final before the end. The entries of the first
/// groups wait in memory; those of larger files are parked in the output at their tree node's own place, encrypted
/// under a key that lives only here, with the node's number as the IV. Each group is kept once, so no IV comes twice.
final class EntryStore: Sendable {
    /// 6 MiB of entries: all of a file of 800 MB.
    static let standardLimit = 2048

    private struct State: Sendable {
        var kept: [Int: DecryptedNode] = [:]
        /// Made when it is first needed, which for most files is never.
        var parkingKey: NodeKey?
    }

    private let limit: Int
    private let state = Mutex(State())
    private let sink: any NodeSink

    init(sink: any NodeSink, limit: Int = EntryStore.standardLimit) {
        self.sink = sink
        self.limit = limit
    }

    func put(_ entries: UnsafeRawBufferPointer, ofGroup group: Int) throws {
        try unsafe entries.withSpan { entries in
            guard group >= self.limit else {
                let node = DecryptedNode(entries)
                return self.state.withLock { $0.kept[group] = node }
            }
            // What follows the entries in a tree node is free for the tag.
            var parked: [UInt8] = []
            parked += self.parkingKey().seal(entries, appendingTo: &parked, sequence: UInt64(group))
            try unsafe parked.withUnsafeBytes { try unsafe self.sink.write($0, at: Self.offset(of: group)) }
        }
    }

    /// Puts a group's entries into the first part of its tree node.
    func take(group: Int, count: Int, into node: UnsafeMutableRawBufferPointer) throws {
        let length = count * NodeEntry.byteCount
        // Sound, both: the pointer stays inside the closure, and slicing is bounds-checked.
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: node[..<length])
        guard group >= self.limit else {
            guard let entries = self.state.withLock({ $0.kept.removeValue(forKey: group) }) else {
                preconditionFailure("no entries of group \(group)")
            }
            return entries.withBytes { entries in unsafe entries.withUnsafeBytes { unsafe place.copyMemory(from: $0) } }
        }
        let offset = Self.offset(of: group)
        let parked = try self.sink.read(at: offset, count: length + NodeKey.tagByteCount)
        guard parked.count == length + NodeKey.tagByteCount,
            unsafe self.parkingKey().open(
                parked.span.extracting(0..<length), tag: parked.span.extracting(length..<parked.count), into: place, sequence: UInt64(group))
        else {
            // Somebody else writes to the output: a key that was read back from it is not the one that was parked there.
            throw ProtectedFileError(
                .treeAuthentication, "the output changed at byte \(offset) while it was being written",
                remedy: "choose an output on storage that nobody else writes to")
        }
    }

    private func parkingKey() -> NodeKey {
        self.state.withLock { state in
            if let key = state.parkingKey { return key }
            let key = NodeKey.random()
            state.parkingKey = key
            return key
        }
    }

    private static func offset(of group: Int) -> Int { NodeGeometry.physicalNode(ofTree: group) * NodeGeometry.nodeSize }
}
