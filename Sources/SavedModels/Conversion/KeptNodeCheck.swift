// SPDX-License-Identifier: Apache-2.0

/// Checks the nodes that stay in a model and collects what its owner should know of them.
struct KeptNodeCheck {
    private let graph: EditedGraph
    private let inputs: Set<Int>
    private let inference: StaticInference
    private let functions: Set<String>
    private var openDefaults: [String] = []
    private var random: [String] = []
    private var tables: [String] = []
    /// Numbers of outputs that were asked for before, `nil` for an unknown one: a node with many attributes may have many consumers.
    private var outputCounts: [Int: Int?] = [:]

    init(_ graph: EditedGraph, inputs: Set<Int>) throws(SavedModelError) {
        self.graph = graph
        self.inputs = inputs
        self.inference = StaticInference(graph: graph.source)
        self.functions = try FunctionLibrary(graph.source).functionNames
    }

    /// What was found, in a fixed order.
    var warnings: [ConversionWarning] {
        (self.openDefaults.isEmpty ? [] : [.openDefaults(self.openDefaults)])
            + (self.random.isEmpty ? [] : [.random(self.random)])
            + (self.tables.isEmpty ? [] : [.uninitializedTables(self.tables)])
    }

    /// Checks one node that is kept.
    ///
    /// - Throws: `not-frozen`, `bad-node`, `bad-constant`, `unfed-placeholder` or `bad-output-index`.
    mutating func check(_ node: Int) throws(SavedModelError) {
        // What an input was made of falls away.
        if self.inputs.contains(node) || self.graph.madeNode(node) != nil { return }
        let operation = self.graph.operation(of: node)
        guard !KnownOperations.isUnfrozen(operation) else { throw self.notFrozen(node, "is a \(printable(operation))") }
        for value in try self.graph.source.attributeValues(of: node) { try self.check(value, of: node) }
        try self.checkPorts(of: node)
        switch operation {
        case "Const": try self.checkConstant(node)
        case "Placeholder", "PlaceholderV2":
            throw SavedModelError(
                .unfedPlaceholder, "the outputs need placeholder \"\(self.graph.name(of: node))\", which is not among the inputs",
                remedy: "add it to the inputs, fix it (--set NAME=VALUE), or name as input a node behind it, so that it falls away")
        case "PlaceholderWithDefault": self.openDefaults.append(self.graph.name(of: node))
        case _ where KnownOperations.random.contains(operation): self.random.append(self.graph.name(of: node))
        case _ where KnownOperations.tables.contains(operation): self.tables.append(self.graph.name(of: node))
        default: break
        }
    }

    private func check(_ value: AttributeValue, of node: Int) throws(SavedModelError) {
        switch value {
        case .type(let type) where type.isReference: throw self.notFrozen(node, "works on references to variables (\(type))")
        case .function:
            let name: String?
            do { name = try value.functionName(self.graph.source.bytes) } catch {
                throw SavedModelError(.badNode, "a function that node \"\(self.graph.name(of: node))\" calls cannot be decoded: \(error)")
            }
            // Some operations take a function or, without a name, none.
            guard let name, !name.isEmpty, !self.functions.contains(name) else { return }
            throw SavedModelError(
                .badNode, "node \"\(self.graph.name(of: node))\" calls function \"\(printable(name))\", which the graph does not carry",
                remedy: "save the graph with its function library")
        default: break
        }
    }

    private func notFrozen(_ node: Int, _ fault: String) -> SavedModelError {
        SavedModelError(
            .notFrozen, "the graph is not frozen: node \"\(self.graph.name(of: node))\" \(fault)",
            remedy: "freeze it first (convert_variables_to_constants), name inputs behind the node, or serve the original SavedModel")
    }

    /// Every input must be an output that its producer has.
    private mutating func checkPorts(of node: Int) throws(SavedModelError) {
        let graph = self.graph
        for edge in graph.inputs(of: node) where edge.port > 0 {
            try self.requirePort(Int(edge.port), of: Int(edge.producer)) { "node \"\(graph.name(of: node))\" takes" }
        }
    }

    /// Throws `bad-output-index` when the node is known to lack the output.
    mutating func requirePort(_ port: Int, of node: Int, for who: () -> String) throws(SavedModelError) {
        guard let count = try self.outputCount(of: node), port >= count else { return }
        let name = self.graph.name(of: node)
        let operation = printable(self.graph.operation(of: node))
        throw SavedModelError(
            .badOutputIndex, "\(who()) \(name):\(port), but \(operation) \"\(name)\" has \(count) output\(count == 1 ? "" : "s")")
    }

    private mutating func outputCount(of node: Int) throws(SavedModelError) -> Int? {
        // An input is, or becomes, a placeholder, and what was fixed a constant: both have one output.
        if self.inputs.contains(node) || self.graph.madeNode(node) != nil { return 1 }
        if let known = self.outputCounts[node] { return known }
        let count = try self.inference.outputCount(of: node)
        self.outputCounts.updateValue(count, forKey: node)
        return count
    }

    private func checkConstant(_ node: Int) throws(SavedModelError) {
        let name = self.graph.name(of: node)
        guard let value = try self.graph.source.constant(node) else { throw SavedModelError(.badConstant, "constant \"\(name)\" has no value") }
        var declared: DataType?
        if case .type(let type)? = try self.graph.attribute("dtype", of: node) { declared = type }
        if let fault = value.fault(declared: declared, in: self.graph.source.bytes) {
            throw SavedModelError(.badConstant, "constant \"\(name)\": \(fault)")
        }
    }
}
