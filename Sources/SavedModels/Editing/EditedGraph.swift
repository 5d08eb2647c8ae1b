// SPDX-License-Identifier: Apache-2.0

/// A graph under change: the nodes of a source graph, some rewired, replaced or dropped, and new ones among them.
///
/// A node has one number for good: its own of the source, or the next free one. Untouched nodes cost nothing and go out byte for byte.
struct EditedGraph: Sendable {
    typealias Edge = GraphIndex.Edge

    let source: GraphIndex
    /// Whether each node is still in the graph.
    private(set) var isKept: [Bool]
    private var rewired: [Int: [Edge]] = [:]
    private var made: [Int: MadeNode] = [:]
    /// New nodes that go out right before another, itself new or not, and at the end.
    private var preceding: [Int: [Int]] = [:]
    private var trailing: [Int] = []
    /// Names of the new nodes.
    private var newNames: Set<String> = []

    init(_ source: GraphIndex) {
        self.source = source
        self.isKept = Array(repeating: true, count: source.nodes.count)
    }

    /// Numbers of all nodes, dropped ones too.
    var nodes: Range<Int> { self.isKept.indices }

    /// Numbers of the nodes that go out, in their order.
    var keptInOrder: [Int] {
        var order: [Int] = []
        for node in self.source.nodes.indices { self.append(node, to: &order) }
        for node in self.trailing { self.append(node, to: &order) }
        return order
    }

    private func append(_ node: Int, to order: inout [Int]) {
        if !self.preceding.isEmpty, let before = self.preceding[node] {
            for other in before { self.append(other, to: &order) }
        }
        if self.isKept[node] { order.append(node) }
    }
}

// MARK: - Reading

extension EditedGraph {
    /// The node that the conversion made under this number, `nil` for one of the source.
    func madeNode(_ node: Int) -> MadeNode? { self.made.isEmpty ? nil : self.made[node] }

    func name(of node: Int) -> String { self.madeNode(node)?.name ?? self.source.name(of: node) }

    func operation(of node: Int) -> String { self.madeNode(node)?.operation ?? self.source.operation(of: node) }

    func hasOperation(_ node: Int, _ operation: String) -> Bool {
        if let made = self.madeNode(node) { return made.operation == operation }
        return self.source.hasOperation(node, operation)
    }

    /// The node's inputs, data inputs first.
    func inputs(of node: Int) -> ArraySlice<Edge> {
        if let made = self.madeNode(node) { return made.inputs[...] }
        if !self.rewired.isEmpty, let inputs = self.rewired[node] { return inputs[...] }
        return self.source.inputs(of: node)
    }

    /// Whether a node of the source got other inputs.
    func isRewired(_ node: Int) -> Bool { !self.rewired.isEmpty && self.rewired[node] != nil }

    /// The node's data inputs.
    func dataInputs(of node: Int) -> ArraySlice<Edge> { self.inputs(of: node).prefix { !$0.isControl } }

    /// The value of an attribute of a node of the source; `nil` when it has none, or was made by the conversion.
    func attribute(_ key: String, of node: Int) throws(SavedModelError) -> AttributeValue? {
        self.madeNode(node) == nil ? try self.source.attribute(key, of: node) : nil
    }

    /// An attribute as it lies in the source, `nil` when the node has none or was made by the conversion.
    func encodedAttribute(_ key: String, of node: Int) throws(SavedModelError) -> [UInt8]? {
        self.madeNode(node) == nil ? self.source.encodedAttribute(key, of: node) : nil
    }

    /// The text of a string attribute.
    func text(_ key: String, of node: Int) throws(SavedModelError) -> String? {
        guard case .string(let range)? = try self.attribute(key, of: node) else { return nil }
        return String(decoding: self.source.bytes[range], as: UTF8.self)
    }

    /// Where the node's device is written down; empty when it has none.
    func device(of node: Int) throws(SavedModelError) -> ByteRange {
        if let made = self.madeNode(node) { return made.device }
        return try self.source.device(of: node)
    }

    /// Nodes that `_class` names: TensorFlow refuses a graph in which they are missing.
    func colocated(with node: Int) throws(SavedModelError) -> [Int] {
        guard let value = try self.attribute("_class", of: node) else { return [] }
        let strings: [Range<Int>]
        do {
            strings = try value.members(self.source.bytes).strings
        } catch {
            throw SavedModelError(.badNode, "attribute _class of node \"\(self.name(of: node))\" cannot be decoded: \(error)")
        }
        var nodes: [Int] = []
        for range in strings where self.source.bytes[range].starts(with: Array("loc:@".utf8)) {
            let name = self.source.bytes[range].dropFirst(5)
            guard let other = self.source.node(named: name) else {
                throw SavedModelError(
                    .missingInput, "node \"\(self.name(of: node))\" is to be placed with \"\(printable(name))\", which does not exist")
            }
            nodes.append(other)
        }
        return nodes
    }

    /// Whether a node of that name is, or was, in the graph.
    func hasName(_ name: String) -> Bool { self.newNames.contains(name) || self.source.node(named: Array(name.utf8)[...]) != nil }

    /// `name`, or else `name_1` and so on: the first that no node has.
    func freeName(_ name: String) -> String {
        guard self.hasName(name) else { return name }
        var number = 1
        while self.hasName("\(name)_\(number)") { number += 1 }
        return "\(name)_\(number)"
    }
}

// MARK: - Changing

extension EditedGraph {
    /// Gives a node other inputs.
    mutating func rewire(_ node: Int, _ inputs: [Edge]) {
        if self.made[node] != nil { self.made[node]?.inputs = inputs } else { self.rewired[node] = inputs }
    }

    /// Puts a node of our own in a node's place; it has to have the same name.
    mutating func replace(_ node: Int, with made: MadeNode) {
        precondition(made.name == self.name(of: node), "consumers refer to the node by its name")
        self.rewired[node] = nil
        self.made[node] = made
    }

    /// Adds a node before another, or at the end, and returns its number.
    mutating func add(_ made: MadeNode, before node: Int? = nil) -> Int {
        let number = self.isKept.count
        self.isKept.append(true)
        self.made[number] = made
        self.newNames.insert(made.name)
        if let node { self.preceding[node, default: []].append(number) } else { self.trailing.append(number) }
        return number
    }

    /// Drops every node that `needed` does not have.
    mutating func keep(only needed: [Bool]) {
        precondition(needed.count == self.isKept.count)
        self.isKept = needed
    }
}

// MARK: - Constants

extension EditedGraph {
    /// Whether it is worth asking for the node's constant value.
    func mayBeConstant(_ node: Int) -> Bool { self.madeNode(node).map { $0.constant != nil } ?? self.source.hasOperation(node, "Const") }

    /// What a constant of fixed-size elements holds; `nil` for any other node.
    func constant(_ node: Int) throws(SavedModelError) -> MadeConstant? {
        if let made = self.madeNode(node) { return made.constant }
        guard self.source.hasOperation(node, "Const"), let value = try self.source.constant(node), let shape = value.shape.shape else { return nil }
        do {
            guard let content = try value.elements(in: self.source.bytes) else { return nil }
            return MadeConstant(dataType: value.dataType, shape: shape, content: content)
        } catch {
            throw SavedModelError(.badConstant, "the value of constant \"\(self.name(of: node))\" cannot be decoded: \(error)")
        }
    }

    /// The floats of a constant of that shape, `nil` if the edge does not come from one.
    func floats(_ edge: Edge, shape: [Int]) throws(SavedModelError) -> [Float]? {
        guard edge.port == 0, let constant = try self.constant(Int(edge.producer)), constant.dataType == .float, constant.shape.dimensions == shape
        else { return nil }
        let bytes = constant.content.joined(in: self.source.bytes)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32($1 * 8) })
        }
    }
}
