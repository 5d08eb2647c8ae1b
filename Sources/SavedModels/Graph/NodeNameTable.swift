// SPDX-License-Identifier: Apache-2.0

/// Finds nodes by name: a hash table of node numbers over the names as they lie in the graph.
struct NodeNameTable: Sendable {
    private static let free: Int32 = -1

    /// Number of a node, or ``free``; the count is a power of two and at least twice that of the nodes.
    private var slots: [Int32]

    init(capacity: Int) {
        var size = 8
        while size < capacity * 2 { size *= 2 }
        self.slots = Array(repeating: Self.free, count: size)
    }

    /// Enters a node; returns the number of a node that has the name already, else `nil`.
    mutating func insert(_ node: Int32, nodes: [GraphNode], bytes: GraphBytes) -> Int32? {
        let slot = self.slot(of: bytes.span.extracting(nodes[Int(node)].name.range), nodes: nodes, bytes: bytes)
        guard self.slots[slot] == Self.free else { return self.slots[slot] }
        self.slots[slot] = node
        return nil
    }

    /// The node of that name.
    func find(_ name: ArraySlice<UInt8>, nodes: [GraphNode], bytes: GraphBytes) -> Int? {
        let found = self.slots[self.slot(of: name.span, nodes: nodes, bytes: bytes)]
        return found == Self.free ? nil : Int(found)
    }

    /// The slot that holds the name, or the free one where it belongs.
    ///
    /// Swift's hash is seeded anew in each process, so no graph can be made whose names collide.
    private func slot(of name: Span<UInt8>, nodes: [GraphNode], bytes: GraphBytes) -> Int {
        var hasher = Hasher()
        unsafe name.withUnsafeBytes { buffer in
            // Sound: the hasher reads the buffer within the closure only.
            unsafe hasher.combine(bytes: buffer)
        }
        let mask = self.slots.count - 1
        var slot = hasher.finalize() & mask
        while self.slots[slot] != Self.free, !bytes.matches(nodes[Int(self.slots[slot])].name.range, name) { slot = (slot + 1) & mask }
        return slot
    }
}
