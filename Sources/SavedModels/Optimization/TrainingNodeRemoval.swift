// SPDX-License-Identifier: Apache-2.0

/// Takes out what only training needs: `CheckNumerics`, and `Identity` and `StopGradient` that nothing but data passes through.
///
/// TensorFlow's `remove_training_nodes` does the same, but drops the data edge of a `CheckNumerics` too, which breaks the graph.
struct TrainingNodeRemoval {
    private let outputs: [SelectedTensor]

    init(outputs: [SelectedTensor]) { self.outputs = outputs }

    /// Rewires the consumers; the nodes themselves are left for who drops what is not needed.
    func run(on graph: inout EditedGraph) throws(SavedModelError) {
        // In two steps: an Identity that only waited for a CheckNumerics is free once that is gone.
        try self.removeChecks(from: &graph)
        try self.removeIdentities(from: &graph)
    }

    private func removeChecks(from graph: inout EditedGraph) throws(SavedModelError) {
        let uses = try GraphUses(graph, outputs: self.outputs)
        let isRemoved = graph.nodes.map { node in
            graph.isKept[node] && graph.hasOperation(node, "CheckNumerics") && !uses.isOutput(node) && !uses.isColocationTarget[node]
                && !graph.dataInputs(of: node).isEmpty
        }
        Self.bypass(isRemoved, in: &graph)
    }

    private func removeIdentities(from graph: inout EditedGraph) throws(SavedModelError) {
        let uses = try GraphUses(graph, outputs: self.outputs)
        let isRemoved = graph.nodes.map { node in
            graph.isKept[node] && (graph.hasOperation(node, "Identity") || graph.hasOperation(node, "StopGradient"))
                && uses.isFreeOfNames(node) && graph.inputs(of: node).count == 1 && graph.dataInputs(of: node).count == 1
        }
        Self.bypass(isRemoved, in: &graph)
    }

    /// Leads each data edge past the removed nodes, and drops the control edges from them.
    private static func bypass(_ isRemoved: [Bool], in graph: inout EditedGraph) {
        guard isRemoved.contains(true) else { return }
        for node in graph.nodes where graph.isKept[node] && !isRemoved[node] {
            let inputs = graph.inputs(of: node)
            guard inputs.contains(where: { isRemoved[Int($0.producer)] }) else { continue }
            graph.rewire(
                node,
                inputs.compactMap { edge in
                    if edge.isControl { return isRemoved[Int(edge.producer)] ? nil : edge }
                    return self.origin(of: edge, isRemoved, graph)
                })
        }
    }

    /// Where the value of an edge comes from, behind the removed nodes.
    private static func origin(of edge: EditedGraph.Edge, _ isRemoved: [Bool], _ graph: EditedGraph) -> EditedGraph.Edge {
        var edge = edge
        // Nodes of one output in a graph without cycles: the walk ends.
        while isRemoved[Int(edge.producer)], let input = graph.dataInputs(of: Int(edge.producer)).first { edge = input }
        return edge
    }
}
