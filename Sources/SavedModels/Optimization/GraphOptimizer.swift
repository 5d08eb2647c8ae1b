// SPDX-License-Identifier: Apache-2.0

/// Simplifies a graph for inference without changing its answers by more than rounding.
///
/// It is TensorFlow's `optimize_for_inference` without its faults: no edge is lost, nothing that somebody else uses is changed, and
/// functions, versions and types stay.
struct GraphOptimizer {
    private let outputs: [SelectedTensor]

    init(outputs: [SelectedTensor]) { self.outputs = outputs }

    /// Runs every pass, dropping after each what nothing needs any more; returns how many batch normalisations were folded.
    func run(on graph: inout EditedGraph) throws(SavedModelError) -> Int {
        try TrainingNodeRemoval(outputs: self.outputs).run(on: &graph)
        try graph.dropUnneeded(outputs: self.outputs)
        let folded = try BatchNormalizationFolding(outputs: self.outputs).run(on: &graph)
        try graph.dropUnneeded(outputs: self.outputs)
        return folded
    }

    /// Placeholders of the learning phase that Keras leaves in a graph: off in inference.
    ///
    /// The last component of the name has to be Keras's, not a part of it.
    static func isLearningPhase(_ node: Int, in graph: GraphIndex) throws(SavedModelError) -> Bool {
        guard graph.hasOperation(node, "Placeholder") || graph.hasOperation(node, "PlaceholderWithDefault"),
            graph.name(of: node).split(separator: "/").last == "keras_learning_phase",
            case .type(.bool)? = try graph.attribute("dtype", of: node)
        else { return false }
        return true
    }
}
