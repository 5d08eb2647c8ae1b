// SPDX-License-Identifier: Apache-2.0

/// The shapes that one node puts out, by the shape function that TensorFlow registers for its operation.
///
/// `nil` stands for "not told here" and also for operands that contradict each other: TensorFlow says better what is wrong with those.
struct ShapeRule {
    private static let unary: Set<String> = [
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cast", "Ceil", "CheckNumerics", "ClipByValue", "Cos", "Cosh", "Elu", "Erf", "Exp",
        "Expm1", "Floor", "Identity", "Inv", "IsFinite", "IsInf", "IsNan", "LeakyRelu", "Log", "Log1p", "LogicalNot", "Neg", "OnesLike",
        "PreventGradient", "Reciprocal", "Relu", "Relu6", "Rint", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Snapshot", "Softplus",
        "Softsign", "Sqrt", "Square", "StopGradient", "StringLower", "StringUpper", "StringStrip", "StringToNumber", "Tan", "Tanh", "ZerosLike",
    ]
    private static let binary: Set<String> = [
        "Add", "AddV2", "Atan2", "Div", "DivNoNan", "FloorDiv", "FloorMod", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr",
        "Maximum", "Minimum", "Mul", "MulNoNan", "Pow", "RealDiv", "SquaredDifference", "Sub", "TruncateDiv", "Xlogy",
    ]
    /// How many inputs the other operations take.
    private static let inputCounts = [
        "ArgMax": 2, "ArgMin": 2, "AvgPool": 1, "BatchMatMul": 2, "BatchMatMulV2": 2, "BiasAdd": 2, "ClipByValue": 3, "Conv2D": 2,
        "DepthwiseConv2dNative": 2, "ExpandDims": 2, "FusedBatchNorm": 5, "FusedBatchNormV2": 5, "FusedBatchNormV3": 5, "Gather": 2, "GatherV2": 3,
        "LogSoftmax": 1, "MatMul": 2, "MaxPool": 1, "MirrorPad": 2, "Pad": 2, "PadV2": 3, "PlaceholderWithDefault": 1, "Reshape": 2, "SelectV2": 3,
        "Softmax": 1, "Split": 2, "Squeeze": 1, "TopKV2": 2, "Transpose": 2,
    ]
    private static let reductions: Set<String> = ["All", "Any", "Max", "Mean", "Min", "Prod", "Sum"]

    let node: Int
    let graph: EditedGraph
    /// Shapes of the node's inputs.
    let inputs: [TensorShape]

    init(_ node: Int, in graph: EditedGraph, _ inputs: [TensorShape]) {
        self.node = node
        self.graph = graph
        self.inputs = inputs
    }

    /// Shapes of the node's outputs.
    func outputs() throws(SavedModelError) -> [TensorShape]? {
        let operation = self.graph.operation(of: self.node)
        guard try self.inputs.count == self.inputCount(operation) else { return nil }
        if Self.unary.contains(operation) { return self.inputs.first.map { [$0] } }
        if Self.binary.contains(operation) { return self.one(self.broadcast(0, 1)) }
        if Self.reductions.contains(operation) { return try self.one(self.reduction()) }
        switch operation {
        case "PlaceholderWithDefault": return try self.placeholder()
        case "Softmax", "LogSoftmax": return self.dimensions(0).flatMap { $0.isEmpty ? nil : [TensorShape($0)] }
        case "BiasAdd": return try self.one(self.biased())
        case "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3": return try self.normalized(operation)
        case "Conv2D", "DepthwiseConv2dNative": return try self.one(self.convolution(operation))
        case "MaxPool", "AvgPool": return try self.one(self.pooling())
        case "MatMul": return try self.one(self.matrixProduct())
        case "BatchMatMul", "BatchMatMulV2": return try self.one(self.batchedMatrixProduct(operation))
        case "SelectV2": return self.one(self.broadcast(0, 1).flatMap { self.broadcast($0, self.dimensions(2)) })
        case "AddN": return self.one(self.merged())
        case "Reshape": return try self.one(self.reshape())
        case "ConcatV2": return try self.one(self.concatenation())
        case "Pack": return try self.one(self.pack())
        case "Pad", "PadV2", "MirrorPad": return try self.one(self.pad())
        case "Squeeze": return try self.one(self.squeeze())
        case "ExpandDims": return try self.one(self.expansion())
        case "Transpose": return try self.one(self.transposition())
        case "ArgMax", "ArgMin": return try self.one(self.argument())
        case "Gather", "GatherV2": return try self.one(self.gathering(operation))
        case "Split": return try self.split()
        case "TopKV2": return try self.top()
        default: return nil
        }
    }

    /// How many inputs the node has to have, `nil` where there is no rule for it.
    private func inputCount(_ operation: String) throws(SavedModelError) -> Int? {
        if let count = Self.inputCounts[operation] { return count }
        if Self.unary.contains(operation) { return 1 }
        if Self.binary.contains(operation) || Self.reductions.contains(operation) { return 2 }
        switch operation {
        case "AddN", "Pack": return try self.integer("N", default: 0)
        case "ConcatV2": return try self.integer("N", default: 0) + 1
        default: return nil
        }
    }

    /// One that nobody feeds: it says itself what its default may be.
    private func placeholder() throws(SavedModelError) -> [TensorShape]? {
        guard case .shape(let value)? = try self.graph.attribute("shape", of: self.node) else { return nil }
        return value.shape.map { [$0] }
    }

    private func one(_ dimensions: [Int]?) -> [TensorShape]? { dimensions.map { [TensorShape($0)] } }
}

// MARK: - Operands

extension ShapeRule {
    /// Sizes of an input's dimensions, `nil` when not even their number is known.
    func dimensions(_ input: Int) -> [Int]? { input < self.inputs.count ? self.inputs[input].dimensions : nil }

    /// The value of an input that is a short constant of integers.
    func integers(_ input: Int) throws(SavedModelError) -> [Int]? {
        let edges = self.graph.dataInputs(of: self.node)
        guard input < edges.count else { return nil }
        return try self.graph.integers(edges[edges.startIndex + input])
    }

    /// The value of an input that is a constant axis of so many dimensions, counted from the front.
    func axis(_ input: Int, rank: Int) throws(SavedModelError) -> Int? {
        guard let values = try self.integers(input), values.count == 1 else { return nil }
        return Self.axis(values[0], rank: rank)
    }

    static func axis(_ value: Int, rank: Int) -> Int? { (-rank..<rank).contains(value) ? (value < 0 ? value + rank : value) : nil }

    func integer(_ key: String, default fallback: Int) throws(SavedModelError) -> Int {
        guard case .integer(let value)? = try self.graph.attribute(key, of: self.node) else { return fallback }
        return Int(Int32(clamping: value))
    }

    func boolean(_ key: String) throws(SavedModelError) -> Bool {
        guard case .boolean(let value)? = try self.graph.attribute(key, of: self.node) else { return false }
        return value
    }

    /// A list of integers, empty where the node does not have it.
    func list(_ key: String) throws(SavedModelError) -> [Int] {
        guard let value = try self.graph.attribute(key, of: self.node) else { return [] }
        do {
            return try value.members(self.graph.source.bytes).integers.map { Int($0) }
        } catch {
            throw SavedModelError(
                .badNode, "attribute \(key) of node \"\(self.graph.name(of: self.node))\" cannot be decoded: \(error)")
        }
    }
}

extension EditedGraph {
    /// The elements of a constant of integers that is as short as shapes and axes are.
    func integers(_ edge: Edge) throws(SavedModelError) -> [Int]? {
        guard edge.port == 0, let constant = try self.constant(Int(edge.producer)), constant.content.count <= 1 << 10 else { return nil }
        let bytes = constant.content.joined(in: self.source.bytes)
        func values<Value: FixedWidthInteger>(_: Value.Type) -> [Int] {
            stride(from: 0, to: bytes.count, by: MemoryLayout<Value>.size).map { start in
                Int((0..<MemoryLayout<Value>.size).reduce(Value(0)) { $0 | Value(truncatingIfNeeded: bytes[start + $1]) << Value(8 * $1) })
            }
        }
        return switch constant.dataType {
        case .int32: values(Int32.self)
        case .int64: values(Int64.self)
        default: nil
        }
    }
}
