// SPDX-License-Identifier: Apache-2.0

internal import SavedModels

/// Inputs made up for a signature, the same for the same seed.
struct SampleInputs {
    /// What an unknown dimension is taken for, the first and any other.
    private static let batch = 2
    private static let extent = 64
    /// An example of more elements is computed alone.
    private static let largeExample = 1 << 20
    /// More elements than this are not made up.
    private static let maximumElements = 1 << 26

    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    /// A tensor for each input.
    mutating func tensors(for signature: Signature) throws -> [(name: String, tensor: Tensor)] {
        var tensors: [(name: String, tensor: Tensor)] = []
        for (_, info) in signature.inputs.sorted(by: { $0.key < $1.key }) {
            guard let name = info.name else { continue }
            tensors.append((name, try self.tensor(info)))
        }
        return tensors
    }

    private mutating func tensor(_ info: TensorInfo) throws -> Tensor {
        let known = info.shape.dimensions ?? [TensorShape.unknownDimension]
        let example = try Tensor.elementCount(of: known.dropFirst().map { $0 >= 0 ? $0 : Self.extent })
        let batch = example <= Self.largeExample ? Self.batch : 1
        let shape = known.enumerated().map { $1 >= 0 ? $1 : $0 == 0 ? batch : Self.extent }
        let count = try Tensor.elementCount(of: shape)
        guard count <= Self.maximumElements else {
            throw TensorFlowError(.resourceExhausted, "tensor-too-large", "input \(info.name ?? "") would have \(count) elements")
        }
        switch info.dataType {
        case .float: return try Tensor((0..<count).map { _ in self.next() }, shape: shape)
        case .double: return try Tensor((0..<count).map { _ in Double(self.next()) }, shape: shape)
        case .string: return try Tensor(strings: (0..<count).map { Array("sample \($0)".utf8) }, shape: shape)
        // Whole numbers are often positions in something: zero and one are in most ranges.
        case .int32: return try Tensor((0..<count).map { Int32($0 % 2) }, shape: shape)
        case .int64: return try Tensor((0..<count).map { Int64($0 % 2) }, shape: shape)
        case .uint8: return try Tensor((0..<count).map { UInt8(truncatingIfNeeded: $0) }, shape: shape)
        default: return try unsafe Tensor(dataType: info.dataType, shape: shape) { _ in }
        }
    }

    /// A float from -1 to 1 (SplitMix64).
    private mutating func next() -> Float {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return Float(Int64(bitPattern: mixed ^ mixed >> 31) >> 40) / Float(1 << 23)
    }
}
