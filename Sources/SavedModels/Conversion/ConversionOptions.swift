// SPDX-License-Identifier: Apache-2.0

/// How a frozen graph becomes a model.
public struct ConversionOptions: Sendable {
    /// Constants of so many bytes become variables unless asked otherwise: in a ResNet50 they hold 99.8 % of all bytes, and what is
    /// below stays where TensorFlow can compute with it in advance.
    public static let defaultVariableThreshold = 1 << 16

    /// What clients send; empty for every placeholder that the outputs need.
    public var inputs: [TensorSelection]
    /// What clients get.
    public var outputs: [TensorSelection]
    /// Element types of tensors whose graph does not tell them, by the tensor's name.
    public var types: [String: DataType]
    /// Key of the signature.
    public var signatureKey: String
    /// Placeholders that become constants.
    public var fixed: [PlaceholderValue] = []
    /// Whether the first dimension of the inputs becomes open, so that requests may carry any number of examples.
    public var opensBatch = false
    /// Whether the graph is simplified for inference: training leftovers taken out, batch normalisation folded into convolutions.
    public var optimizes = true
    /// From how many bytes on a constant becomes a variable; `nil` keeps every constant in the graph.
    public var variableThreshold: Int? = Self.defaultVariableThreshold

    /// Options of one conversion: optimised, with big constants as variables.
    public init(
        inputs: [TensorSelection] = [], outputs: [TensorSelection], types: [String: DataType] = [:], signatureKey: String = Signature.defaultKey
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.types = types
        self.signatureKey = signatureKey
    }

    /// The same, with every node that the outputs need left as it is.
    public var keepingGraph: ConversionOptions {
        var options = self
        options.optimizes = false
        options.variableThreshold = nil
        return options
    }
}
