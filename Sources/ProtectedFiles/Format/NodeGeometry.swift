// SPDX-License-Identifier: Apache-2.0

/// Where the nodes of a protected file lie, for a given size of the plaintext.
///
/// A file is a row of 4096-byte nodes: the metadata node, then groups of one key-tree node ("MHT node" in Gramine) and up to 96
/// data nodes. Tree node m has the children 32m+1 to 32m+32.
struct NodeGeometry: Hashable, Sendable {
    /// Bytes in a node.
    static let nodeSize = 4096
    /// Plaintext bytes in the metadata node.
    static let inlineSize = 3072
    /// Data nodes under one tree node.
    static let dataNodesPerGroup = 96
    /// Tree nodes under one tree node.
    static let childrenPerTreeNode = 32
    /// Plaintext bytes in a full group.
    static let groupSize = nodeSize * dataNodesPerGroup

    let plaintextSize: Int
    let dataNodeCount: Int
    let treeNodeCount: Int
    /// All nodes that the file must have, the metadata node included.
    let nodeCount: Int

    /// Lays out a file; `nil` when its length would be more than `Int` can hold, so that no such file can exist.
    init?(plaintextSize: UInt64) {
        guard let size = Int(exactly: plaintextSize) else { return nil }
        let outside = max(0, size - Self.inlineSize)
        self.plaintextSize = size
        self.dataNodeCount = Self.quotientRoundedUp(outside, Self.nodeSize)
        self.treeNodeCount = Self.quotientRoundedUp(self.dataNodeCount, Self.dataNodesPerGroup)
        // Neither count is above Int.max / 4096, so their sum cannot overflow; the length in bytes can.
        self.nodeCount = 1 + self.dataNodeCount + self.treeNodeCount
        guard !self.nodeCount.multipliedReportingOverflow(by: Self.nodeSize).overflow else { return nil }
    }

    /// The physical node that holds data node `index`.
    static func physicalNode(ofData index: Int) -> Int { index + index / Self.dataNodesPerGroup + 2 }

    /// The physical node that holds tree node `index`.
    static func physicalNode(ofTree index: Int) -> Int { 1 + (Self.dataNodesPerGroup + 1) * index }

    /// The tree node above tree node `index`, which is not the root, and its place among the children.
    static func parent(ofTree index: Int) -> (node: Int, entry: Int) {
        (node: (index - 1) / Self.childrenPerTreeNode, entry: (index - 1) % Self.childrenPerTreeNode)
    }

    /// The tree nodes under tree node `index` in this file.
    func children(ofTree index: Int) -> Range<Int> {
        let first = min(Self.childrenPerTreeNode * index + 1, self.treeNodeCount)
        return first..<min(first + Self.childrenPerTreeNode, self.treeNodeCount)
    }

    /// The largest plaintext of a file that has so many nodes, the metadata node included.
    static func largestPlaintext(inNodes nodes: Int) -> Int {
        // Each group of 97 nodes has one for keys; a group of that node alone holds nothing.
        let (groups, rest) = max(0, nodes - 1).quotientAndRemainder(dividingBy: Self.dataNodesPerGroup + 1)
        return Self.inlineSize + (groups * Self.dataNodesPerGroup + max(0, rest - 1)) * Self.nodeSize
    }

    private static func quotientRoundedUp(_ dividend: Int, _ divisor: Int) -> Int {
        dividend / divisor + (dividend % divisor == 0 ? 0 : 1)
    }
}
