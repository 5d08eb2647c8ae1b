// SPDX-License-Identifier: Apache-2.0

/// What `model show` tells of a model's checkpoint; its properties are the keys of the JSON form.
public struct VariableFacts: Codable, Hashable, Sendable {
    /// Number of tensors.
    public let tensors: Int
    /// Numbers in those that may be weights.
    public let parameters: Int
    /// Bytes of all tensors.
    public let bytes: Int
    /// The largest tensors.
    public let largest: [GraphFacts.LargeTensor]
    /// The first tensor whose checksum is wrong; absent when every one is right.
    public let damaged: String?

    init(_ checkpoint: Checkpoint) throws {
        let tensors = checkpoint.tensors.map {
            GraphFacts.LargeTensor(
                name: $0.name, dtype: $0.dataType.name, shape: $0.shape.dimensions ?? [], bytes: $0.byteCount, isVariable: true)
        }
        self.tensors = tensors.count
        self.parameters = checkpoint.tensors.reduce(0) { sum, tensor in
            GraphFacts.parameterTypes.contains(tensor.dataType) ? sum + (tensor.shape.elementCount ?? 0) : sum
        }
        self.bytes = tensors.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue }
        self.largest = GraphFacts.largest(tensors)
        self.damaged = try checkpoint.damagedTensor()
    }
}
