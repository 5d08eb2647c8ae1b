// SPDX-License-Identifier: Apache-2.0

extension EditedGraph {
    /// A constant whose value stands beside its graph.
    struct Detached: Sendable {
        let name: String
        let value: MadeConstant
    }

    /// The graph as it will be written: untouched nodes as they lie in the source, then the functions and versions.
    func pieces() throws(SavedModelError) -> GraphPieces {
        var pieces = GraphPieces(source: self.source.bytes)
        for node in self.keptInOrder { try self.append(node, to: &pieces) }
        for field in self.source.otherFields { pieces.append(field) }
        return pieces
    }

    /// The graph with placeholders in the place of its big constants.
    ///
    /// That is enough for inference, since what shape functions read is small; and it computes the same once the constants are fed.
    func hollow(above threshold: Int) throws(SavedModelError) -> (graph: GraphPieces, constants: [Detached]) {
        var hollow = self
        var constants: [Detached] = []
        // One that waits for another node stays: it may belong to a branch that is not taken.
        for node in self.keptInOrder where self.mayBeConstant(node) && self.inputs(of: node).isEmpty {
            guard let value = try self.constant(node), value.content.count >= threshold else { continue }
            let name = self.name(of: node)
            hollow.replace(node, with: .placeholder(name: name, type: value.dataType, shape: value.shape))
            constants.append(Detached(name: name, value: value))
        }
        return (try hollow.pieces(), constants)
    }

    private func append(_ node: Int, to pieces: inout GraphPieces) throws(SavedModelError) {
        if let made = self.madeNode(node) {
            self.append(made, to: &pieces)
        } else if self.isRewired(node) {
            do {
                try self.appendRewired(node, to: &pieces)
            } catch {
                throw SavedModelError(.notAGraph, "not a GraphDef: node \"\(self.name(of: node))\" cannot be decoded: \(error)")
            }
        } else {
            pieces.append(self.source.nodes[node].field)
        }
    }

    /// A node of the source with other inputs: all its fields but the inputs are copied as they are.
    private func appendRewired(_ node: Int, to pieces: inout GraphPieces) throws(WireError) {
        var outer = WireReader(self.source.bytes.span, in: self.source.nodes[node].field.range)
        guard let field = try outer.nextField() else { return }
        var inner = WireReader(self.source.bytes.span, in: try field.bytes())
        var kept: [Range<Int>] = []
        while let part = try inner.nextField() {
            if part.number != 3 { kept.append(part.range) }
        }
        var inputs = WireWriter()
        for edge in self.inputs(of: node) { inputs.write(field: 3, text: self.text(of: edge)) }
        var head = WireWriter()
        head.writeHead(field: 1, length: kept.reduce(inputs.bytes.count) { $0 + $1.count })
        pieces.append(new: head.bytes)
        for range in kept { pieces.append(ByteRange(range)) }
        pieces.append(new: inputs.bytes)
    }

    private func append(_ made: MadeNode, to pieces: inout GraphPieces) {
        var node = WireWriter()
        node.write(field: 1, text: made.name)
        node.write(field: 2, text: made.operation)
        for edge in made.inputs { node.write(field: 3, text: self.text(of: edge)) }
        if !made.device.isEmpty { node.write(field: 4, bytes: self.source.bytes[made.device.range]) }
        for (key, value) in made.attributes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            node.write(field: 5) { entry in
                entry.write(field: 1, text: key)
                entry.write(field: 2, bytes: value)
            }
        }
        if let constant = made.constant { Self.writeHead(of: constant, to: &node) }
        let content = made.constant?.content
        var head = WireWriter()
        head.writeHead(field: 1, length: node.bytes.count + (content?.count ?? 0))
        pieces.append(new: head.bytes + node.bytes)
        if let content { pieces.append(content) }
    }

    /// Attributes `dtype` and `value` of a constant up to its elements, which are the last of everything in the node.
    private static func writeHead(of constant: MadeConstant, to node: inout WireWriter) {
        node.write(field: 5) { entry in
            entry.write(field: 1, text: "dtype")
            entry.write(field: 2, bytes: AttributeEncoding.type(constant.dataType))
        }
        var tensor = WireWriter()
        tensor.write(field: 1, varint: UInt64(UInt32(bitPattern: constant.dataType.rawValue)))
        tensor.write(field: 2) { AttributeEncoding.write(constant.shape, to: &$0) }
        tensor.writeHead(field: 4, length: constant.content.count)
        var value = WireWriter()
        value.writeHead(field: 8, length: tensor.bytes.count + constant.content.count)
        var entry = WireWriter()
        entry.write(field: 1, text: "value")
        entry.writeHead(field: 2, length: value.bytes.count + tensor.bytes.count + constant.content.count)
        node.writeHead(field: 5, length: entry.bytes.count + value.bytes.count + tensor.bytes.count + constant.content.count)
        node.append(entry.bytes + value.bytes + tensor.bytes)
    }

    /// An edge as a node's input names it.
    private func text(of edge: Edge) -> String {
        let name = self.name(of: Int(edge.producer))
        if edge.isControl { return "^\(name)" }
        return edge.port == 0 ? name : "\(name):\(edge.port)"
    }
}
