// SPDX-License-Identifier: Apache-2.0

/// Folds batch normalisations into the convolutions before them: scaled weights, and one sum in the place of the rest.
///
/// It is done only where it changes nothing else: the convolution has no other consumer, and nobody looks at the statistics.
struct BatchNormalizationFolding {
    private let outputs: [SelectedTensor]

    init(outputs: [SelectedTensor]) { self.outputs = outputs }

    /// A convolution, with a bias that is added to it or without.
    private struct Convolution {
        let node: Int
        let bias: EditedGraph.Edge?
        let weights: MadeConstant
        let channels: Int
        let dataFormat: String
    }

    /// Folds what can be folded and returns how many were.
    func run(on graph: inout EditedGraph) throws(SavedModelError) -> Int {
        let uses = try GraphUses(graph, outputs: self.outputs)
        var count = 0
        for node in graph.source.nodes.indices where graph.isKept[node] {
            guard let normalization = try BatchNormalization(node, in: graph, uses),
                let convolution = try self.convolution(behind: normalization.input, in: graph, uses),
                convolution.dataFormat == normalization.dataFormat
            else { continue }
            if try self.fold(normalization, at: node, into: convolution, in: &graph) { count += 1 }
        }
        return count
    }

    private func convolution(behind edge: EditedGraph.Edge, in graph: EditedGraph, _ uses: GraphUses) throws(SavedModelError) -> Convolution? {
        let node = Int(edge.producer)
        guard edge.port == 0, uses.isUsedOnce(node), graph.madeNode(node) == nil else { return nil }
        if let convolution = try self.convolution(node, bias: nil, in: graph) { return convolution }
        let operation = graph.operation(of: node)
        guard ["BiasAdd", "Add", "AddV2"].contains(operation), uses.isFreeOfNames(node), graph.inputs(of: node).count == 2,
            let (left, right) = graph.operands(of: node)
        else { return nil }
        for (value, bias) in operation == "BiasAdd" ? [(left, right)] : [(left, right), (right, left)] {
            guard value.port == 0, uses.isUsedOnce(Int(value.producer)),
                let convolution = try self.convolution(Int(value.producer), bias: bias, in: graph),
                try graph.floats(bias, shape: [convolution.channels]) != nil
            else { continue }
            let format = operation == "BiasAdd" ? try graph.text("data_format", of: node) ?? "NHWC" : "NHWC"
            // A vector that is added without BiasAdd runs along the last dimension: the channels only in NHWC.
            return format == convolution.dataFormat ? convolution : nil
        }
        return nil
    }

    private func convolution(_ node: Int, bias: EditedGraph.Edge?, in graph: EditedGraph) throws(SavedModelError) -> Convolution? {
        let isDepthwise = graph.hasOperation(node, "DepthwiseConv2dNative")
        guard isDepthwise || graph.hasOperation(node, "Conv2D"),
            let (_, weights) = graph.operands(of: node), weights.port == 0, let constant = try graph.constant(Int(weights.producer)),
            constant.dataType == .float, let shape = constant.shape.dimensions, shape.count == 4, shape.allSatisfy({ $0 > 0 })
        else { return nil }
        return Convolution(
            node: node, bias: bias, weights: constant, channels: isDepthwise ? shape[2] * shape[3] : shape[3],
            dataFormat: try graph.text("data_format", of: node) ?? "NHWC")
    }

    /// Makes the new nodes; returns false where a vector is no constant of the right shape, or the numbers are not finite.
    private func fold(
        _ normalization: BatchNormalization, at node: Int, into convolution: Convolution, in graph: inout EditedGraph
    ) throws(SavedModelError) -> Bool {
        let shape = [convolution.channels]
        guard let mean = try graph.floats(normalization.mean, shape: shape), let variance = try graph.floats(normalization.variance, shape: shape),
            let beta = try graph.floats(normalization.beta, shape: shape)
        else { return false }
        var gamma: [Float]?
        if let edge = normalization.gamma {
            gamma = try graph.floats(edge, shape: shape)
            guard gamma != nil else { return false }
        }
        let bias = try convolution.bias.flatMap { edge throws(SavedModelError) in try graph.floats(edge, shape: shape) }
        let factors = FoldedWeights.factors(variance: variance, epsilon: normalization.epsilon, gamma: gamma)
        let offsets = FoldedWeights.offsets(mean: mean, bias: bias, beta: beta, factors: factors)
        guard factors.allSatisfy(\.isFinite), offsets.allSatisfy(\.isFinite) else { return false }
        try self.rewrite(node, convolution, factors, offsets, in: &graph)
        return true
    }

    private func rewrite(
        _ node: Int, _ convolution: Convolution, _ factors: [Double], _ offsets: [Float], in graph: inout EditedGraph
    ) throws(SavedModelError) {
        let name = graph.name(of: convolution.node)
        let weights = MadeConstant(
            dataType: .float, shape: convolution.weights.shape, content: convolution.weights.content.scaled(by: factors))
        let newWeights = graph.add(.constant(name: graph.freeName("\(name)_weights"), weights), before: convolution.node)
        var inputs = Array(graph.inputs(of: convolution.node))
        inputs[1] = EditedGraph.Edge(producer: Int32(newWeights), port: 0)
        graph.rewire(convolution.node, inputs)

        let offset = MadeConstant(dataType: .float, shape: TensorShape([offsets.count]), content: TensorContent(offsets))
        let newOffset = graph.add(.constant(name: graph.freeName("\(name)_bn_offset"), offset), before: node)
        let sum = MadeNode(
            name: graph.name(of: node), operation: "BiasAdd",
            inputs: [EditedGraph.Edge(producer: Int32(convolution.node), port: 0), EditedGraph.Edge(producer: Int32(newOffset), port: 0)]
                + graph.inputs(of: node).filter(\.isControl),
            device: try graph.device(of: node),
            attributes: ["T": AttributeEncoding.type(.float), "data_format": AttributeEncoding.text(convolution.dataFormat)])
        graph.replace(node, with: sum)
    }
}
