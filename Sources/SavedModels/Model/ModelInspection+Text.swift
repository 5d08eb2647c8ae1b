// SPDX-License-Identifier: Apache-2.0

extension ModelInspection.KnownByTensorFlow {
    /// What it says, in a line.
    fileprivate var verdict: String {
        let faults = [
            ("does not know", self.missingOperations), ("refuses in a graph of this version", self.refusedOperations),
            ("cannot compute on a processor", self.operationsWithoutKernel),
        ].filter { !$0.1.isEmpty }
        return faults.isEmpty ? "knows every operation" : faults.map { "\($0) \($1.joined(separator: ", "))" }.joined(separator: "; ")
    }
}

extension ModelInspection: CustomStringConvertible {
    /// How many operations the text names; the JSON form has them all.
    private static let shownOperations = 12
    private static let shownTensors = 5

    /// For people: the description of the model, and below it what its graph holds.
    public var description: String {
        var lines: [String] = []
        lines.append("  graph: \(self.graph.nodes) nodes, \(self.graph.functions) functions, GraphDef version \(self.graph.producer)")
        let shown = self.graph.operations.prefix(Self.shownOperations).map { "\($0.operation) \($0.count)" }.joined(separator: ", ")
        let rest = self.graph.operations.count - Self.shownOperations
        lines.append("  operations: \(shown)" + (rest > 0 ? " and \(rest) more" : ""))
        lines.append("  parameters: \(self.parameters) (constants of \(self.graph.constantBytes) bytes, variables of \(self.variables?.bytes ?? 0))")
        for tensor in self.largestTensors.prefix(Self.shownTensors) where tensor.bytes > 0 {
            lines.append(
                "    \(tensor.isVariable ? "variable" : "constant") \(tensor.name): \(tensor.dtype) \(TensorShape(tensor.shape)), \(tensor.bytes) bytes"
            )
        }
        if let variables = self.variables {
            lines.append(
                "  checkpoint: \(variables.tensors) tensors, \(variables.damaged.map { "DAMAGED: the checksum of \($0) is wrong" } ?? "every checksum right")"
            )
        }
        if !self.graph.devices.isEmpty { lines.append("  pinned to: \(self.graph.devices.joined(separator: ", "))") }
        if !self.graph.openPlaceholders.isEmpty { lines.append("  kept at their default: \(self.graph.openPlaceholders.joined(separator: ", "))") }
        if !self.graph.randomNodes.isEmpty { lines.append("  random: \(self.graph.randomNodes.joined(separator: ", "))") }
        lines.append(
            "  memory to serve it: \(self.memory.lowestBytes / 1_000_000) to \(self.memory.highestBytes / 1_000_000) MB, and the activations")
        if let tensorFlow = self.tensorFlow {
            lines.append("  TensorFlow \(tensorFlow.version): \(tensorFlow.verdict)")
        }
        return self.model.description + "\n" + lines.map { printable($0) }.joined(separator: "\n")
    }
}
