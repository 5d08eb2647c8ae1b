// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A GraphDef and where everything in it lies: one pass over the wire, no tensor decoded or copied.
///
/// The nodes are sound when it exists: names well-formed and unique, inputs in order and each from a node that exists.
package struct GraphIndex: Sendable {
    /// An input of a node, resolved.
    struct Edge: Hashable, Sendable {
        let producer: Int32
        /// Which output of the producer, -1 for a control input.
        let port: Int32
        var isControl: Bool { self.port < 0 }
    }

    let bytes: GraphBytes
    let nodes: [GraphNode]
    let versions: GraphVersions
    /// Whole fields to be copied beside the nodes, in the order in which they lie: `library`, `version`, `versions`.
    let otherFields: [ByteRange]
    /// Contents of the `library` fields.
    let library: [ByteRange]
    private let edges: [Edge]
    private let attributes: [GraphAttribute]
    private let names: NodeNameTable

    /// Reads a GraphDef, in binary or in text form.
    ///
    /// - Throws: `not-a-graph`, `too-large`, `bad-name`, `duplicate-name`, `missing-input` or `bad-node`.
    package init(decoding bytes: [UInt8]) throws(SavedModelError) { try self.init(GraphBytes(bytes)) }

    private init(_ bytes: GraphBytes) throws(SavedModelError) {
        guard bytes.count <= GraphBytes.maximumSize else {
            throw SavedModelError(
                .tooLarge, "the graph has \(bytes.count) bytes; at most \(GraphBytes.maximumSize) are read",
                remedy: "no protobuf message may have more than \(SavedModel.maximumSize): save the model with variables instead of freezing it")
        }
        let bytes = GraphText.isText(bytes) ? GraphBytes(try GraphText.binary([UInt8](copying: bytes.span))) : bytes
        let outline: GraphOutline
        do {
            outline = try GraphOutline(bytes)
        } catch {
            throw Self.notAGraph(bytes, because: error)
        }
        let scan = outline.nodes
        guard !scan.isFull else {
            throw SavedModelError(
                .tooLarge, "the graph has more than \(GraphNodeScan.maximumNodes) nodes or \(GraphNodeScan.maximumParts) inputs or attributes")
        }
        guard !scan.nodes.isEmpty || !outline.hasUnknownFields else {
            throw SavedModelError(.notAGraph, "not a GraphDef: no nodes, but fields that a GraphDef does not have", remedy: Self.remedy)
        }
        self.bytes = bytes
        self.nodes = scan.nodes
        self.attributes = scan.attributes
        self.versions = outline.versions
        self.otherFields = outline.otherFields
        self.library = outline.library
        self.names = try Self.nameTable(bytes, scan)
        self.edges = try Self.resolve(bytes, scan, self.names)
    }

    /// Reads a GraphDef from a file, in binary or in text form.
    ///
    /// The file must stay as it is until the model is written: its weights are read where they lie.
    /// - Throws: what ``init(decoding:)`` throws, or a file error.
    package init(contentsOfFile path: String) throws {
        let file = try InputFile(path: path)
        try self.init(file.count == 0 ? GraphBytes([]) : GraphBytes(try MappedFile(file)))
    }

    private static let remedy = "give a frozen graph in binary form (graph_def.SerializeToString(), usually *.pb)"

    private static func notAGraph(_ bytes: GraphBytes, because error: WireError) -> SavedModelError {
        if bytes.starts(with: [0x08]) {
            return SavedModelError(
                .notAGraph, "not a GraphDef: this looks like a SavedModel", remedy: "serve its folder as it is; only a frozen graph is converted")
        }
        if bytes.starts(with: Array("PK".utf8)) {
            return SavedModelError(.notAGraph, "not a GraphDef: this looks like a zip archive", remedy: Self.remedy)
        }
        return SavedModelError(.notAGraph, "not a GraphDef: \(error)", remedy: Self.remedy)
    }

    private static func nameTable(_ bytes: GraphBytes, _ scan: GraphNodeScan) throws(SavedModelError) -> NodeNameTable {
        var names = NodeNameTable(capacity: scan.nodes.count)
        for index in scan.nodes.indices {
            let name = bytes[scan.nodes[index].name.range]
            guard TensorReference.isNodeName(name) else { throw SavedModelError(.badName, "node \(index) has the bad name \"\(printable(name))\"") }
            guard !scan.nodes[index].operation.isEmpty else { throw SavedModelError(.badNode, "node \"\(printable(name))\" has no operation") }
            if let other = names.insert(Int32(index), nodes: scan.nodes, bytes: bytes) {
                throw SavedModelError(.duplicateName, "nodes \(other) and \(index) are both named \"\(printable(name))\"")
            }
        }
        return names
    }

    private static func resolve(_ bytes: GraphBytes, _ scan: GraphNodeScan, _ names: NodeNameTable) throws(SavedModelError) -> [Edge] {
        var edges: [Edge] = []
        edges.reserveCapacity(scan.inputs.count)
        for node in scan.nodes {
            var sawControl = false
            for position in node.inputs {
                let text = bytes[scan.inputs[Int(position)].range]
                let reference = TensorReference(text)
                guard let producer = names.find(reference.node, nodes: scan.nodes, bytes: bytes) else {
                    throw SavedModelError(
                        .missingInput, "node \"\(printable(bytes[node.name.range]))\" takes input \"\(printable(text))\", which does not exist")
                }
                if sawControl, reference.port != nil {
                    throw SavedModelError(
                        .badNode, "node \"\(printable(bytes[node.name.range]))\" has a control input before data input \"\(printable(text))\"")
                }
                sawControl = reference.port == nil
                edges.append(Edge(producer: Int32(producer), port: Int32(reference.port ?? -1)))
            }
        }
        return edges
    }
}

extension GraphIndex {
    /// The node of that name.
    func node(named name: ArraySlice<UInt8>) -> Int? { self.names.find(name, nodes: self.nodes, bytes: self.bytes) }

    /// The node's name.
    ///
    /// It holds only ASCII: the index has no other nodes.
    package func name(of node: Int) -> String { String(decoding: self.bytes[self.nodes[node].name.range], as: UTF8.self) }

    /// The node's operation, which may be any text.
    package func operation(of node: Int) -> String { String(decoding: self.bytes[self.nodes[node].operation.range], as: UTF8.self) }

    /// Whether the node's operation is that one.
    func hasOperation(_ node: Int, _ operation: String) -> Bool {
        self.bytes.matches(self.nodes[node].operation.range, operation)
    }

    /// Whether the node can stay as it is when it is an input: a placeholder that does not wait for another node.
    func isPlainPlaceholder(_ node: Int) -> Bool { self.nodes[node].inputs.isEmpty && self.hasOperation(node, "Placeholder") }

    /// The node's inputs, data inputs first.
    func inputs(of node: Int) -> ArraySlice<Edge> {
        let range = self.nodes[node].inputs
        return self.edges[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    /// Where the node's device is written down; empty when it has none.
    func device(of node: Int) throws(SavedModelError) -> ByteRange {
        do {
            var outer = WireReader(self.bytes.span, in: self.nodes[node].field.range)
            guard let field = try outer.nextField() else { return .empty }
            var device = ByteRange.empty
            var inner = WireReader(self.bytes.span, in: try field.bytes())
            while let part = try inner.nextField() {
                if part.number == 4 { device = ByteRange(try part.bytes()) }
            }
            return device
        } catch {
            throw SavedModelError(.notAGraph, "not a GraphDef: node \"\(self.name(of: node))\" cannot be decoded: \(error)")
        }
    }

    /// The value of an attribute, `nil` when the node does not have it.
    ///
    /// Of two entries with one key the later counts.
    func attribute(_ key: String, of node: Int) throws(SavedModelError) -> AttributeValue? {
        guard let pieces = self.attributePieces(key, of: node) else { return nil }
        return try self.decode(pieces, ofNode: node)
    }

    /// The value of an attribute as it is encoded, `nil` when the node does not have it.
    func encodedAttribute(_ key: String, of node: Int) -> [UInt8]? {
        // A message in several pieces is their concatenation.
        self.attributePieces(key, of: node)?.flatMap { self.bytes[$0] }
    }

    private func attributePieces(_ key: String, of node: Int) -> [Range<Int>]? {
        let range = self.nodes[node].attributes
        let entries = self.attributes[Int(range.lowerBound)..<Int(range.upperBound)]
        let matches = { (entry: GraphAttribute) in self.bytes.matches(entry.key.range, key) }
        guard let start = entries.lastIndex(where: { !$0.continuesPrevious && matches($0) }) else { return nil }
        let rest = entries[(start + 1)...].prefix { $0.continuesPrevious }
        return [entries[start].value.range] + rest.map(\.value.range)
    }

    /// The values of all attributes.
    func attributeValues(of node: Int) throws(SavedModelError) -> [AttributeValue] {
        let range = self.nodes[node].attributes
        var values: [AttributeValue] = []
        for entry in self.attributes[Int(range.lowerBound)..<Int(range.upperBound)] {
            values.append(try self.decode([entry.value.range], ofNode: node))
        }
        return values
    }

    private func decode(_ pieces: [Range<Int>], ofNode node: Int) throws(SavedModelError) -> AttributeValue {
        do {
            return try AttributeValue(self.bytes, pieces: pieces)
        } catch {
            throw SavedModelError(.notAGraph, "not a GraphDef: an attribute of node \"\(self.name(of: node))\" cannot be decoded: \(error)")
        }
    }
}
