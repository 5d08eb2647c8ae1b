// SPDX-License-Identifier: Apache-2.0

/// What can be said of a graph's tensors without TensorFlow: types by operation, shapes where they are written down or pass through.
struct StaticInference {
    /// Up to this producer a placeholder's empty shape means an unknown one: writers could not tell it from a scalar's.
    private static let lastProducerWithoutScalars: Int32 = 21
    /// Operations whose first output has the shape of their first input.
    private static let shapePreserving: Set<String> = [
        "Identity", "Softmax", "LogSoftmax", "Sigmoid", "Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Tanh", "CheckNumerics", "StopGradient",
        "BiasAdd",
    ]

    let graph: GraphIndex

    /// Number of the node's outputs, `nil` when the operation is not known or its attributes do not tell.
    func outputCount(of node: Int) throws(SavedModelError) -> Int? {
        guard let outputs = KnownOperations.outputs(of: self.graph.operation(of: node)) else { return nil }
        var count = 0
        for output in outputs {
            guard let width = try self.width(of: output, node) else { return nil }
            count += width
        }
        return count
    }

    /// Type of an output, `nil` when the operation is not known, lacks the output, or its attributes do not tell.
    func outputType(of node: Int, port: Int) throws(SavedModelError) -> DataType? {
        guard let outputs = KnownOperations.outputs(of: self.graph.operation(of: node)) else { return nil }
        var first = 0
        for output in outputs {
            guard let width = try self.width(of: output, node) else { return nil }
            if port < first + width { return try self.type(of: output, index: port - first, node) }
            first += width
        }
        return nil
    }

    private func width(of output: KnownOperations.Output, _ node: Int) throws(SavedModelError) -> Int? {
        switch output {
        case .fixed, .attribute: return 1
        case .counted(_, let name):
            guard case .integer(let count)? = try self.graph.attribute(name, of: node), (0...Int64(Int32.max)).contains(count) else { return nil }
            return Int(count)
        case .list(let name): return try self.listedTypes(name, of: node)?.count
        }
    }

    private func type(of output: KnownOperations.Output, index: Int, _ node: Int) throws(SavedModelError) -> DataType? {
        switch output {
        case .fixed(let type): type
        case .attribute(let name, let fallback): try self.type(name, of: node) ?? fallback
        case .counted(let name, _): try self.type(name, of: node)
        case .list(let name): try self.listedTypes(name, of: node)?[index]
        }
    }

    private func listedTypes(_ attribute: String, of node: Int) throws(SavedModelError) -> [DataType]? {
        guard let value = try self.graph.attribute(attribute, of: node), case .list = value else { return nil }
        return try self.members(value, of: node).types
    }

    private func type(_ attribute: String, of node: Int) throws(SavedModelError) -> DataType? {
        guard case .type(let type)? = try self.graph.attribute(attribute, of: node), type != .invalid else { return nil }
        return type
    }

    private func members(_ value: AttributeValue, of node: Int) throws(SavedModelError) -> AttributeValue.Members {
        do {
            return try value.members(self.graph.bytes)
        } catch {
            throw SavedModelError(.notAGraph, "not a GraphDef: an attribute of node \"\(self.graph.name(of: node))\" cannot be decoded: \(error)")
        }
    }

    /// Shape of an output as far as it can be told.
    func shape(of node: Int, port: Int) throws(SavedModelError) -> TensorShape {
        var current = node
        var currentPort = port
        // Without cycles there are no more steps than nodes. What feeds an input was not checked for cycles: there the shape stays unknown.
        for _ in self.graph.nodes.indices {
            if let written = try self.writtenShape(of: current, port: currentPort) { return written }
            guard currentPort == 0, Self.shapePreserving.contains(self.graph.operation(of: current)),
                let input = self.graph.inputs(of: current).first, !input.isControl
            else { break }
            current = Int(input.producer)
            currentPort = Int(input.port)
        }
        return .unknownRank
    }

    /// The shape that the node itself names, `nil` when it names none.
    private func writtenShape(of node: Int, port: Int) throws(SavedModelError) -> TensorShape? {
        switch self.graph.operation(of: node) {
        case "Placeholder", "PlaceholderV2", "PlaceholderWithDefault":
            if let shape = try self.placeholderShape(of: node) { return shape }
        case "Const":
            if let value = try self.graph.constant(node) { return try self.checked(value.shape, of: node) }
        default: break
        }
        guard let list = try self.graph.attribute("_output_shapes", of: node) else { return nil }
        let shapes = try self.members(list, of: node).shapes
        return port < shapes.count ? try self.checked(shapes[port], of: node) : nil
    }

    private func placeholderShape(of node: Int) throws(SavedModelError) -> TensorShape? {
        guard case .shape(let value)? = try self.graph.attribute("shape", of: node) else { return nil }
        let shape = try self.checked(value, of: node)
        let isLegacy = self.graph.versions.producer <= Self.lastProducerWithoutScalars && self.graph.operation(of: node) == "Placeholder"
        return isLegacy && shape == .scalar ? .unknownRank : shape
    }

    private func checked(_ value: ShapeValue, of node: Int) throws(SavedModelError) -> TensorShape {
        guard let shape = value.shape else {
            throw SavedModelError(.badNode, "node \"\(self.graph.name(of: node))\" has a shape with a dimension below -1")
        }
        return shape
    }
}

extension GraphIndex {
    /// The value of a constant, `nil` when the node has none.
    func constant(_ node: Int) throws(SavedModelError) -> ConstantValue? {
        guard case .tensor(let pieces)? = try self.attribute("value", of: node) else { return nil }
        do {
            return try ConstantValue(self.bytes, pieces: pieces)
        } catch {
            throw SavedModelError(.badConstant, "the value of constant \"\(self.name(of: node))\" cannot be decoded: \(error)")
        }
    }
}
