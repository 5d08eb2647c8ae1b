// SPDX-License-Identifier: Apache-2.0

/// What operations put out, for those that inference graphs are made of.
///
/// It answers without TensorFlow. An operation that is not here is no fault: then only TensorFlow can tell.
enum KnownOperations {
    /// How the type of an output, or of several, follows from the attributes.
    enum Output {
        /// Named by a type attribute; the second is its default where the attribute may be left out.
        case attribute(String, DataType? = nil)
        case fixed(DataType)
        /// As many as a number attribute says, all of one type attribute.
        case counted(type: String, count: String)
        /// As a list attribute says.
        case list(String)
    }

    static func outputs(of operation: String) -> [Output]? { self.table[operation] }

    /// Operations that hold state which freezing should have removed.
    static func isUnfrozen(_ operation: String) -> Bool {
        if self.frozenExceptions.contains(operation) { return false }
        return self.unfrozen.contains(operation) || self.unfrozenPrefixes.contains { operation.hasPrefix($0) }
            || self.unfrozenSuffixes.contains { operation.hasSuffix($0) }
    }

    /// Operations that answer differently each time.
    static let random: Set<String> = [
        "RandomUniform", "RandomUniformInt", "RandomStandardNormal", "ParameterizedTruncatedNormal", "TruncatedNormal", "Multinomial",
        "RandomShuffle",
        "RandomGamma", "RandomPoisson", "RandomPoissonV2", "StatelessRandomUniform", "StatelessRandomUniformV2", "StatelessRandomUniformInt",
        "StatelessRandomNormal", "StatelessRandomNormalV2", "StatelessTruncatedNormal", "StatelessTruncatedNormalV2", "StatelessMultinomial",
    ]

    /// Lookup tables, which need an initialiser that freezing does not keep.
    static let tables: Set<String> = ["HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2"]

    private static let unfrozen: Set<String> = [
        "Variable", "VariableV2", "AutoReloadVariable", "TemporaryVariable", "VarHandleOp", "_VarHandlesOp", "ReadVariableOp", "ResourceGather",
        "ResourceGatherNd", "IsVariableInitialized", "VarIsInitializedOp", "OneShotIterator", "MakeIterator", "RefSwitch", "RefIdentity", "RefEnter",
        "RefMerge", "RefExit", "RefNextIteration", "RefSelect",
    ]
    private static let unfrozenPrefixes = ["Assign", "ScatterNd", "ResourceScatter", "ResourceApply", "Apply", "Queue", "Iterator"]
    private static let unfrozenSuffixes = ["Queue", "QueueV2", "Dataset"]
    private static let frozenExceptions: Set<String> = ["ScatterNd", "ScatterNdNonAliasingAdd"]

    /// Operations with one output of the type in `T`.
    private static let sameType: [String] = [
        "Abs", "Acos", "Acosh", "Add", "AddN", "AddV2", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "AvgPool", "AvgPool3D", "BatchMatMul",
        "BatchMatMulV2",
        "BatchNormWithGlobalNormalization", "BatchToSpaceND", "BiasAdd", "BroadcastTo", "Ceil", "CheckNumerics", "ClipByValue", "Concat", "ConcatV2",
        "Conv2D",
        "Conv2DBackpropInput", "Conv3D", "Conv3DBackpropInputV2", "Cos", "Cosh", "Cumprod", "Cumsum", "DepthToSpace", "DepthwiseConv2dNative",
        "Div", "DivNoNan", "Einsum", "Elu", "Erf", "Enter", "Exit", "Exp", "ExpandDims", "Expm1", "Floor", "FloorDiv", "FloorMod", "Identity", "Inv",
        "L2Loss",
        "LRN", "LeakyRelu", "Log", "Log1p", "LogSoftmax", "MatMul", "Max", "MaxPool", "MaxPool3D", "MaxPoolV2", "Maximum", "Mean", "Min", "Minimum",
        "MirrorPad", "Mod", "Mul", "MulNoNan", "Neg", "NextIteration", "OnesLike", "Pack", "Pad", "PadV2", "Pow", "PreventGradient", "Prod",
        "RealDiv",
        "Reciprocal", "Relu", "Relu6", "Reshape", "ResizeNearestNeighbor", "Reverse", "ReverseSequence", "ReverseV2", "Rint", "Roll", "Round",
        "Rsqrt", "Select",
        "SelectV2", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Slice", "Softmax", "Softplus", "Softsign", "SpaceToBatchND", "SpaceToDepth", "Sqrt",
        "Square",
        "SquaredDifference", "Squeeze", "StopGradient", "StridedSlice", "Sub", "Sum", "Tan", "Tanh", "Tile", "Transpose", "TruncateDiv", "ZerosLike",
        "Fill", "EnsureShape", "Snapshot", "Xlogy", "SparseSegmentMean", "SparseSegmentSum", "SegmentSum", "SegmentMean",
    ]

    private static let table: [String: [Output]] = {
        var table: [String: [Output]] = [
            "Const": [.attribute("dtype")], "Placeholder": [.attribute("dtype")], "PlaceholderV2": [.attribute("dtype")],
            "PlaceholderWithDefault": [.attribute("dtype")], "RandomUniform": [.attribute("dtype")], "RandomStandardNormal": [.attribute("dtype")],
            "TruncatedNormal": [.attribute("dtype")], "RandomUniformInt": [.attribute("Tout")], "Multinomial": [.attribute("output_dtype", .int64)],
            "Cast": [.attribute("DstT")], "Bitcast": [.attribute("type")], "DecodeRaw": [.attribute("out_type")],
            "StringToNumber": [.attribute("out_type", .float)],
            "Shape": [.attribute("out_type", .int32)], "Size": [.attribute("out_type", .int32)], "Rank": [.fixed(.int32)],
            "Range": [.attribute("Tidx", .int32)],
            "ArgMax": [.attribute("output_type", .int64)], "ArgMin": [.attribute("output_type", .int64)], "Where": [.fixed(.int64)],
            "Gather": [.attribute("Tparams")], "GatherV2": [.attribute("Tparams")], "GatherNd": [.attribute("Tparams")], "OneHot": [.attribute("T")],
            "Split": [.counted(type: "T", count: "num_split")], "SplitV": [.counted(type: "T", count: "num_split")],
            "Unpack": [.counted(type: "T", count: "num")],
            "IdentityN": [.list("T")], "PartitionedCall": [.list("Tout")], "StatefulPartitionedCall": [.list("Tout")], "If": [.list("Tout")],
            "StatelessIf": [.list("Tout")], "While": [.list("T")], "StatelessWhile": [.list("T")],
            "Switch": [.attribute("T"), .attribute("T")], "Merge": [.attribute("T"), .fixed(.int32)],
            "TopK": [.attribute("T"), .fixed(.int32)], "TopKV2": [.attribute("T"), .attribute("index_type", .int32)],
            "Unique": [.attribute("T"), .attribute("out_idx", .int32)],
            "FusedBatchNorm": Array(repeating: .attribute("T"), count: 5),
            "FusedBatchNormV2": [.attribute("T")] + Array(repeating: .attribute("U"), count: 4),
            "FusedBatchNormV3": [.attribute("T")] + Array(repeating: .attribute("U"), count: 5),
            "ResizeBilinear": [.fixed(.float)], "ResizeBicubic": [.fixed(.float)], "CropAndResize": [.fixed(.float)], "DecodeJpeg": [.fixed(.uint8)],
            "DecodePng": [.attribute("dtype", .uint8)], "AsString": [.fixed(.string)], "StringJoin": [.fixed(.string)],
            "StringLower": [.fixed(.string)],
            "StringUpper": [.fixed(.string)], "StringStrip": [.fixed(.string)], "RegexReplace": [.fixed(.string)],
            "StaticRegexReplace": [.fixed(.string)],
            "StringLength": [.fixed(.int32)], "StringToHashBucket": [.fixed(.int64)], "StringToHashBucketFast": [.fixed(.int64)],
            "StringToHashBucketStrong": [.fixed(.int64)], "LookupTableFindV2": [.attribute("Tout")], "NoOp": [],
        ]
        for operation in Self.sameType { table[operation] = [.attribute("T")] }
        for operation in [
            "Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "LogicalNot", "Any", "All", "IsNan",
            "IsFinite", "IsInf",
            "LoopCond",
        ] {
            table[operation] = [.fixed(.bool)]
        }
        return table
    }()
}
