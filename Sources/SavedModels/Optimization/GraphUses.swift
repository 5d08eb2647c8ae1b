// SPDX-License-Identifier: Apache-2.0

/// Who uses what among the nodes that are kept.
struct GraphUses {
    /// Data edges from each node's first output.
    private(set) var firstOutput: [Int32]
    /// Data edges from its other outputs.
    private(set) var otherOutputs: [Int32]
    /// Control edges from it.
    private(set) var controls: [Int32]
    /// Whether another node is to be placed where it is (`_class`).
    private(set) var isColocationTarget: [Bool]
    /// The outputs that the user asked for.
    private let outputPorts: [Int: Set<Int>]

    init(_ graph: EditedGraph, outputs: [SelectedTensor]) throws(SavedModelError) {
        let zeros = [Int32](repeating: 0, count: graph.nodes.count)
        self.firstOutput = zeros
        self.otherOutputs = zeros
        self.controls = zeros
        self.isColocationTarget = Array(repeating: false, count: zeros.count)
        self.outputPorts = Dictionary(outputs.map { ($0.node, [$0.port]) }) { $0.union($1) }
        for node in graph.nodes where graph.isKept[node] {
            for edge in graph.inputs(of: node) {
                let producer = Int(edge.producer)
                if edge.isControl {
                    self.controls[producer] += 1
                } else if edge.port == 0 {
                    self.firstOutput[producer] += 1
                } else {
                    self.otherOutputs[producer] += 1
                }
            }
            for other in try graph.colocated(with: node) { self.isColocationTarget[other] = true }
        }
    }

    /// Whether the user asked for one of the node's outputs.
    func isOutput(_ node: Int) -> Bool { self.outputPorts[node] != nil }

    /// Whether nothing depends on the node but a single use of its first output, so that its value may change with that use.
    func isUsedOnce(_ node: Int) -> Bool { self.firstOutput[node] == 1 && self.otherOutputs[node] == 0 && !self.isOutput(node) }

    /// Whether nobody refers to the node by name but through data edges: it may go when those are gone.
    func isFreeOfNames(_ node: Int) -> Bool { self.controls[node] == 0 && !self.isColocationTarget[node] && !self.isOutput(node) }

    /// Whether an output beyond the first is used.
    func usesOtherOutputs(of node: Int) -> Bool {
        self.otherOutputs[node] > 0 || self.outputPorts[node].map { $0 != [0] } == true
    }
}
