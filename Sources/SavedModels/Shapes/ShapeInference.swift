// SPDX-License-Identifier: Apache-2.0

/// Infers the shapes of a graph's tensors as TensorFlow does, for the operations that image and text models are made of.
///
/// It knows when it does not know: a shape is told only where every operation on the way to it has a rule here, and then it is exactly
/// TensorFlow's. Whoever needs more asks TensorFlow itself.
struct ShapeInference {
    /// Graphs in which more nodes than this would have to be looked at are TensorFlow's to judge.
    private static let maximumNodes = 1 << 17

    private let graph: EditedGraph
    /// Shapes of the graph's inputs, by node.
    private let inputs: [Int: TensorShape]
    /// Shapes of a node's outputs; `nil` where they cannot be told.
    private var known: [Int: [TensorShape]?] = [:]

    init(_ graph: EditedGraph, inputs: [Int: TensorShape]) {
        self.graph = graph
        self.inputs = inputs
    }

    /// Shape of an output, `nil` where it cannot be told.
    mutating func shape(of node: Int, port: Int) throws(SavedModelError) -> TensorShape? {
        try self.visit(node)
        return self.output(node, port)
    }

    private func output(_ node: Int, _ port: Int) -> TensorShape? {
        guard case let shapes?? = self.known[node], shapes.indices.contains(port) else { return nil }
        return shapes[port]
    }

    /// Infers a node after everything that it takes, without recursion: a chain may be as long as the graph.
    private mutating func visit(_ root: Int) throws(SavedModelError) {
        var waiting = [root]
        while let node = waiting.last {
            guard self.known[node] == nil else {
                waiting.removeLast()
                continue
            }
            // What feeds an input was not checked for cycles, and does not matter.
            let producers = self.inputs[node] == nil ? self.graph.dataInputs(of: node).map { Int($0.producer) } : []
            let missing = producers.filter { self.known[$0] == nil }
            guard self.known.count + waiting.count < Self.maximumNodes, !self.isLoop(node) else {
                self.known.updateValue(nil, forKey: node)
                continue
            }
            if missing.isEmpty { self.known.updateValue(try self.infer(node), forKey: node) } else { waiting += missing }
        }
    }

    /// Loops of TF1 are the only cycles, and go through their `Merge`.
    private func isLoop(_ node: Int) -> Bool { self.graph.hasOperation(node, "Merge") }

    private func infer(_ node: Int) throws(SavedModelError) -> [TensorShape]? {
        if let given = self.inputs[node] { return [given] }
        if let constant = try self.graph.constant(node) { return [constant.shape] }
        var shapes: [TensorShape] = []
        for edge in self.graph.dataInputs(of: node) {
            guard let shape = self.output(Int(edge.producer), Int(edge.port)) else { return nil }
            shapes.append(shape)
        }
        guard try self.hasSoundType(node) else { return nil }
        return try ShapeRule(node, in: self.graph, shapes).outputs()
    }

    /// Whether the type that a node says its operand has is the operand's: TensorFlow refuses anything else, and says why.
    private func hasSoundType(_ node: Int) throws(SavedModelError) -> Bool {
        guard let (key, operand) = Self.typedOperand(of: self.graph.operation(of: node)) else { return true }
        let edges = self.graph.dataInputs(of: node)
        guard operand < edges.count, case .type(let said)? = try self.graph.attribute(key, of: node) else { return false }
        let edge = edges[edges.startIndex + operand]
        // What was replaced has the type that it had.
        let producer = Int(edge.producer)
        guard self.graph.madeNode(producer) == nil else { return true }
        let found = try StaticInference(graph: self.graph.source).outputType(of: producer, port: Int(edge.port))
        return found == nil || found == said
    }

    /// The attribute that tells the type of an operand, and which operand that is; `nil` for operations of one type alone.
    private static func typedOperand(of operation: String) -> (key: String, operand: Int)? {
        switch operation {
        case "Cast": ("SrcT", 0)
        case "Gather", "GatherV2": ("Tparams", 0)
        case "PlaceholderWithDefault": ("dtype", 0)
        case "SelectV2", "Split": ("T", 1)
        case "All", "Any", "LogicalAnd", "LogicalNot", "LogicalOr", "StringLower", "StringStrip", "StringToNumber", "StringUpper": nil
        default: ("T", 0)
        }
    }
}
