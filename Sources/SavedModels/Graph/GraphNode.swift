// SPDX-License-Identifier: Apache-2.0

/// Where the parts of one node lie in the bytes of its graph.
struct GraphNode: Sendable {
    /// The whole field of GraphDef, with tag and length: what is copied to keep the node as it is.
    let field: ByteRange
    fileprivate(set) var name = ByteRange.empty
    fileprivate(set) var operation = ByteRange.empty
    /// Positions in the graph's list of inputs, and in its list of attributes.
    fileprivate(set) var inputs: Range<Int32>
    fileprivate(set) var attributes: Range<Int32>
}

/// One entry of a node's attribute map.
struct GraphAttribute: Sendable {
    fileprivate(set) var key = ByteRange.empty
    fileprivate(set) var value = ByteRange.empty
    /// Whether it goes on with the value of the entry before it, which came in several pieces.
    fileprivate(set) var continuesPrevious = false
}

/// Reads the nodes of a graph into flat lists, so that a node costs a few dozen bytes however large its tensors are.
struct GraphNodeScan {
    /// More nodes than this are refused; the largest known graphs have some hundred thousand.
    static let maximumNodes = 1 << 24
    /// More inputs or attributes than this, over all nodes, are refused.
    static let maximumParts = 1 << 26

    private(set) var nodes: [GraphNode] = []
    private(set) var inputs: [ByteRange] = []
    private(set) var attributes: [GraphAttribute] = []
    private let partLimit: Int

    /// A scan of no nodes yet, which takes up to `partLimit` inputs and as many attributes.
    init(partLimit: Int = Self.maximumParts) { self.partLimit = partLimit }

    /// Whether a limit was exceeded; nothing is added any more.
    var isFull: Bool { self.nodes.count > Self.maximumNodes || self.inputs.count > self.partLimit || self.attributes.count > self.partLimit }

    /// Makes room for so many nodes, as far as they are taken.
    mutating func reserve(_ count: Int) { self.nodes.reserveCapacity(min(count, Self.maximumNodes + 1)) }

    /// Adds the node whose message fills `body`.
    mutating func append(_ bytes: GraphBytes, field: Range<Int>, body: Range<Int>) throws(WireError) {
        let firstInput = Int32(self.inputs.count)
        let firstAttribute = Int32(self.attributes.count)
        var node = GraphNode(field: ByteRange(field), inputs: firstInput..<firstInput, attributes: firstAttribute..<firstAttribute)
        var reader = WireReader(bytes.span, in: body)
        // Asked within the node too: one node may have all the parts.
        while !self.isFull, let part = try reader.nextField() {
            switch part.number {
            case 1: node.name = ByteRange(try part.bytes())
            case 2: node.operation = ByteRange(try part.bytes())
            case 3: self.inputs.append(ByteRange(try part.bytes()))
            case 4: _ = try part.bytes()
            case 5: try self.appendAttribute(bytes, in: try part.bytes())
            default: break
            }
        }
        node.inputs = firstInput..<Int32(self.inputs.count)
        node.attributes = firstAttribute..<Int32(self.attributes.count)
        self.nodes.append(node)
    }

    private mutating func appendAttribute(_ bytes: GraphBytes, in entry: Range<Int>) throws(WireError) {
        let first = self.attributes.count
        var key = ByteRange.empty
        var reader = WireReader(bytes.span, in: entry)
        while !self.isFull, let part = try reader.nextField() {
            switch part.number {
            case 1: key = ByteRange(try part.bytes())
            case 2:
                let value = ByteRange(try part.bytes())
                self.attributes.append(GraphAttribute(value: value, continuesPrevious: self.attributes.count > first))
            default: break
            }
        }
        if self.attributes.count == first { self.attributes.append(GraphAttribute()) }
        for index in first..<self.attributes.count { self.attributes[index].key = key }
    }
}
