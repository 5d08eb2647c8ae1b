// SPDX-License-Identifier: Apache-2.0

/// How a frozen graph becomes a model.
public struct ConversionOptions: Sendable {
    /// What clients send; empty for every placeholder that the outputs need.
    public var inputs: [TensorSelection]
    /// What clients get.
    public var outputs: [TensorSelection]
    /// Element types of tensors whose graph does not tell them, by the tensor's name.
    public var types: [String: DataType]
    /// Key of the signature.
    public var signatureKey: String

    /// Options of one conversion.
    public init(
        inputs: [TensorSelection] = [], outputs: [TensorSelection], types: [String: DataType] = [:], signatureKey: String = Signature.defaultKey
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.types = types
        self.signatureKey = signatureKey
    }
}
