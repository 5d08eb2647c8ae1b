// SPDX-License-Identifier: Apache-2.0

/// Takes out the branches of TF1 conditionals whose predicate was fixed: `Switch` and `Merge` go, and with them the side that is never taken.
struct DeadBranchRemoval {
    typealias Edge = EditedGraph.Edge

    private let outputs: [SelectedTensor]
    /// What the fixed placeholders are, by node.
    private let values: [Int: Bool]

    init(outputs: [SelectedTensor], values: [Int: Bool]) {
        self.outputs = outputs
        self.values = values
    }

    /// Rewires the consumers of every conditional that is decided; the nodes themselves are left for who drops what is not needed.
    func run(on graph: inout EditedGraph) throws(SavedModelError) {
        let decided = self.decidedSwitches(in: graph)
        guard !decided.isEmpty else { return }
        let dead = DeadTensors(graph, decided: decided)
        var detours: [Edge: Edge] = [:]
        for (node, isTrue) in decided {
            guard let value = graph.dataInputs(of: node).first else { continue }
            detours[Edge(producer: Int32(node), port: isTrue ? 1 : 0)] = value
        }
        let uses = try GraphUses(graph, outputs: self.outputs)
        for node in graph.nodes where graph.isKept[node] && graph.hasOperation(node, "Merge") && !uses.usesOtherOutputs(of: node) {
            let live = graph.dataInputs(of: node).filter { !dead.contains($0) }
            guard live.count == 1, let value = live.first, live.count < graph.dataInputs(of: node).count,
                uses.isFreeOfNames(node), graph.inputs(of: node).allSatisfy({ !$0.isControl })
            else { continue }
            detours[Edge(producer: Int32(node), port: 0)] = value
        }
        self.take(detours, in: &graph)
    }

    /// The `Switch` nodes whose predicate is fixed, behind any number of `Identity`.
    private func decidedSwitches(in graph: EditedGraph) -> [Int: Bool] {
        var decided: [Int: Bool] = [:]
        for node in graph.nodes where graph.isKept[node] && graph.hasOperation(node, "Switch") {
            guard var (_, predicate) = graph.operands(of: node) else { continue }
            // As long as the longest chain of nodes can be.
            for _ in graph.nodes {
                if let value = self.values[Int(predicate.producer)] {
                    decided[node] = value
                    break
                }
                guard let behind = graph.operand(of: predicate, of: "Identity") else { break }
                predicate = behind
            }
        }
        return decided
    }

    private func take(_ detours: [Edge: Edge], in graph: inout EditedGraph) {
        for node in graph.nodes where graph.isKept[node] {
            let inputs = graph.inputs(of: node)
            guard inputs.contains(where: { detours[$0] != nil }) else { continue }
            graph.rewire(
                node,
                inputs.map { edge in
                    var edge = edge
                    // No detour leads round in a circle: each takes a step against the way of the data.
                    while let next = detours[edge] { edge = next }
                    return edge
                })
        }
    }
}

/// The tensors that are never computed because a decided `Switch` sends nothing their way.
private struct DeadTensors {
    private var deadNodes: Set<Int> = []
    private var deadPorts: Set<EditedGraph.Edge> = []

    init(_ graph: EditedGraph, decided: [Int: Bool]) {
        for (node, isTrue) in decided { self.deadPorts.insert(EditedGraph.Edge(producer: Int32(node), port: isTrue ? 0 : 1)) }
        var consumers: [Int: [Int]] = [:]
        for node in graph.nodes where graph.isKept[node] {
            for edge in graph.inputs(of: node) { consumers[Int(edge.producer), default: []].append(node) }
        }
        var waiting = Array(decided.keys.flatMap { consumers[$0] ?? [] })
        while let node = waiting.popLast() {
            guard !self.deadNodes.contains(node), self.isDead(node, in: graph) else { continue }
            self.deadNodes.insert(node)
            waiting += consumers[node] ?? []
        }
    }

    func contains(_ edge: EditedGraph.Edge) -> Bool { self.deadNodes.contains(Int(edge.producer)) || self.deadPorts.contains(edge) }

    /// A `Merge` is dead when all its inputs are, any other node when one of them is.
    private func isDead(_ node: Int, in graph: EditedGraph) -> Bool {
        if graph.hasOperation(node, "Merge") {
            let data = graph.dataInputs(of: node)
            return !data.isEmpty && data.allSatisfy { self.contains($0) }
        }
        return graph.inputs(of: node).contains { self.contains($0) }
    }
}
