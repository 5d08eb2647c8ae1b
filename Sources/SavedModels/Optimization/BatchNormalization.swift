// SPDX-License-Identifier: Apache-2.0

/// A batch normalisation as it is computed in inference: `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
struct BatchNormalization {
    typealias Edge = EditedGraph.Edge

    /// What is normalised.
    let input: Edge
    let mean: Edge
    let variance: Edge
    let beta: Edge
    /// Absent where the result is not scaled.
    let gamma: Edge?
    let epsilon: Float
    /// Along which dimension the channels lie.
    let dataFormat: String

    /// Recognises a node that ends a batch normalisation; `nil` for any other, and for one that is training.
    init?(_ node: Int, in graph: EditedGraph, _ uses: GraphUses) throws(SavedModelError) {
        switch graph.madeNode(node) == nil ? graph.operation(of: node) : "" {
        case "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3":
            guard let fused = try Self.fused(node, in: graph, uses) else { return nil }
            self = fused
        case "BatchNormWithGlobalNormalization":
            guard let global = try Self.global(node, in: graph) else { return nil }
            self = global
        case "Add", "AddV2":
            guard let decomposed = try Self.decomposed(node, in: graph, uses) else { return nil }
            self = decomposed
        default: return nil
        }
    }

    private init(input: Edge, mean: Edge, variance: Edge, beta: Edge, gamma: Edge?, epsilon: Float, dataFormat: String) {
        self.input = input
        self.mean = mean
        self.variance = variance
        self.beta = beta
        self.gamma = gamma
        self.epsilon = epsilon
        self.dataFormat = dataFormat
    }

    /// Inputs x, gamma, beta, mean, variance.
    private static func fused(_ node: Int, in graph: EditedGraph, _ uses: GraphUses) throws(SavedModelError) -> BatchNormalization? {
        let inputs = Array(graph.dataInputs(of: node))
        // Training is the default, and computes mean and variance anew.
        guard inputs.count == 5, case .boolean(false)? = try graph.attribute("is_training", of: node), !uses.usesOtherOutputs(of: node) else {
            return nil
        }
        let epsilon = try graph.float("epsilon", of: node) ?? 0.0001
        let format = try graph.text("data_format", of: node) ?? "NHWC"
        return BatchNormalization(
            input: inputs[0], mean: inputs[3], variance: inputs[4], beta: inputs[2], gamma: inputs[1], epsilon: epsilon, dataFormat: format)
    }

    /// The operation of the first TensorFlow: inputs x, mean, variance, beta, gamma.
    private static func global(_ node: Int, in graph: EditedGraph) throws(SavedModelError) -> BatchNormalization? {
        let inputs = Array(graph.dataInputs(of: node))
        guard inputs.count == 5, let epsilon = try graph.float("variance_epsilon", of: node),
            case .boolean(let isScaled)? = try graph.attribute("scale_after_normalization", of: node)
        else { return nil }
        return BatchNormalization(
            input: inputs[0], mean: inputs[1], variance: inputs[2], beta: inputs[3], gamma: isScaled ? inputs[4] : nil, epsilon: epsilon,
            dataFormat: "NHWC")
    }

    /// `x * m + (beta - mean * m)` with `m = rsqrt(variance + epsilon)`, times gamma or not: what Keras and TensorFlow's layers make.
    ///
    /// Operands of the outer sum come in either order, those of the rest only in this one, as in TensorFlow's own pattern.
    private static func decomposed(_ node: Int, in graph: EditedGraph, _ uses: GraphUses) throws(SavedModelError) -> BatchNormalization? {
        guard let (left, right) = graph.operands(of: node) else { return nil }
        for (product, difference) in [(left, right), (right, left)] {
            guard let (input, multiplier) = graph.operands(of: product, of: ["Mul"]), uses.isUsedOnce(Int(product.producer)),
                let (beta, shift) = graph.operands(of: difference, of: ["Sub"]),
                let (mean, again) = graph.operands(of: shift, of: ["Mul"]), again == multiplier
            else { continue }
            let scaled = graph.operands(of: multiplier, of: ["Mul"])
            guard let root = graph.operand(of: scaled?.0 ?? multiplier, of: "Rsqrt"),
                let (variance, epsilon) = graph.operands(of: root, of: ["Add", "AddV2"]), let value = try graph.floats(epsilon, shape: [])?.first
            else { continue }
            return BatchNormalization(
                input: input, mean: mean, variance: variance, beta: beta, gamma: scaled?.1, epsilon: value, dataFormat: "NHWC")
        }
        return nil
    }
}

extension EditedGraph {
    /// The two operands of a node.
    func operands(of node: Int) -> (Edge, Edge)? {
        let inputs = self.dataInputs(of: node)
        guard inputs.count == 2, let left = inputs.first, let right = inputs.last else { return nil }
        return (left, right)
    }

    /// The two operands of the node behind an edge, if it is one of these operations.
    func operands(of edge: Edge, of operations: Set<String>) -> (Edge, Edge)? {
        guard edge.port == 0, operations.contains(self.operation(of: Int(edge.producer))) else { return nil }
        return self.operands(of: Int(edge.producer))
    }

    /// The operand of the node behind an edge, if it is this operation of one input.
    func operand(of edge: Edge, of operation: String) -> Edge? {
        guard edge.port == 0, self.hasOperation(Int(edge.producer), operation) else { return nil }
        let inputs = self.dataInputs(of: Int(edge.producer))
        return inputs.count == 1 ? inputs.first : nil
    }

    /// A float attribute.
    func float(_ key: String, of node: Int) throws(SavedModelError) -> Float? {
        guard case .float(let bits)? = try self.attribute(key, of: node) else { return nil }
        return Float(bitPattern: bits)
    }
}
