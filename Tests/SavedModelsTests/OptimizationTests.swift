// SPDX-License-Identifier: Apache-2.0

import Foundation
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import Testing

@Suite("Optimising a graph")
struct OptimizationTests {
    private typealias Node = Tensorflow_NodeDef

    private func optimize(
        _ nodes: [Tensorflow_NodeDef], outputs: String = "y", producer: Int32 = 1882, change: (inout ConversionOptions) -> Void = { _ in }
    ) throws -> (graph: [String: Tensorflow_NodeDef], model: ConvertedModel) {
        var options = ConversionOptions(outputs: TensorSelection.list(parsing: outputs))
        options.variableThreshold = nil
        change(&options)
        let model = try ConvertedModel(decoding: try SmallGraph.graph(nodes, producer: producer), options: options)
        let graph = try #require(try Tensorflow_SavedModel(serializedBytes: model.encode()).metaGraphs.first).graphDef
        return (Dictionary(uniqueKeysWithValues: graph.node.map { ($0.name, $0) }), model)
    }

    // MARK: - Folding

    private static let image = SmallGraph.placeholder("x", .dtFloat, [-1, 4, 4, 2])
    private static let kernel: [Float] = (0..<18).map { Float($0) / 7 - 1.3 }
    private static let gamma: [Float] = [0.7, -1.1, 1.9]
    private static let beta: [Float] = [0.1, 0.2, -0.3]
    private static let mean: [Float] = [0.5, -0.25, 1.0 / 3]
    private static let variance: [Float] = [0.9, 2.3, 0.01]
    private static let bias: [Float] = [0.3, -0.6, 1.1]
    private static let epsilon: Float = 0.001

    /// A convolution of two channels to three with a kernel of 3 by 1.
    private static func convolution(_ name: String = "conv", _ kernel: String = "w", format: String = "NHWC") -> Tensorflow_NodeDef {
        SmallGraph.node(
            name, "Conv2D", ["x", kernel],
            [
                "T": .with { $0.type = .dtFloat }, "data_format": .with { $0.s = Data(format.utf8) },
                "strides": .with { $0.list.i = [1, 1, 1, 1] }, "padding": .with { $0.s = Data("SAME".utf8) },
            ])
    }

    private static let vectors = [
        SmallGraph.constant("w", Self.kernel, shape: [3, 1, 2, 3]), SmallGraph.constant("gamma", Self.gamma, shape: [3]),
        SmallGraph.constant("beta", Self.beta, shape: [3]), SmallGraph.constant("mean", Self.mean, shape: [3]),
        SmallGraph.constant("variance", Self.variance, shape: [3]), SmallGraph.constant("bias", Self.bias, shape: [3]),
    ]

    private static func fused(
        _ operation: String = "FusedBatchNormV3", of input: String = "conv", training: Bool? = false, format: String = "NHWC"
    ) -> Tensorflow_NodeDef {
        var attributes: [String: Tensorflow_AttrValue] = [
            "T": .with { $0.type = .dtFloat }, "epsilon": .with { $0.f = Self.epsilon }, "data_format": .with { $0.s = Data(format.utf8) },
        ]
        if let training { attributes["is_training"] = .with { $0.b = training } }
        if operation != "FusedBatchNorm" { attributes["U"] = .with { $0.type = .dtFloat } }
        return SmallGraph.node("bn", operation, [input, "gamma", "beta", "mean", "variance"], attributes)
    }

    private static let relu = SmallGraph.float("y", "Relu", ["bn"])

    private static func floats(_ node: Tensorflow_NodeDef?) -> [UInt32] {
        let bytes = [UInt8](node?.attr["value"]?.tensor.tensorContent ?? Data())
        return stride(from: 0, to: bytes.count, by: 4).map { start in (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32($1 * 8) } }
    }

    /// The specification's formula, written a second time.
    private static func expected(bias: [Float]?, gamma: [Float]?) -> (weights: [UInt32], offsets: [UInt32]) {
        let scale = (0..<3).map { (1.0 / (Double(Self.variance[$0] + Self.epsilon)).squareRoot()) * Double(gamma?[$0] ?? 1) }
        let weights = Self.kernel.indices.map { Float(Double(Self.kernel[$0]) * scale[$0 % 3]).bitPattern }
        let offsets = (0..<3).map { channel in
            let shifted = Self.mean[channel] - (bias?[channel] ?? 0)
            return Float(Double(-shifted) * scale[channel] + Double(Self.beta[channel])).bitPattern
        }
        return (weights, offsets)
    }

    private func expectFolded(_ nodes: [Tensorflow_NodeDef], bias: [Float]? = nil, gamma: [Float]? = Self.gamma, name: String = "bn") throws {
        let (graph, model) = try optimize(nodes)
        #expect(model.foldedCount == 1)
        #expect(graph[name]?.op == "BiasAdd")
        #expect(graph[name]?.input == ["conv", "conv_bn_offset"])
        #expect(graph["conv"]?.input == ["x", "conv_weights"])
        let expected = Self.expected(bias: bias, gamma: gamma)
        #expect(Self.floats(graph["conv_weights"]) == expected.weights)
        #expect(Self.floats(graph["conv_bn_offset"]) == expected.offsets)
        #expect(graph.count == 6)
    }

    @Test(
        "every version of the fused operation is folded, bit for bit as the formula says",
        arguments: ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"])
    func versions(operation: String) throws {
        try expectFolded([Self.image] + Self.vectors + [Self.convolution(), Self.fused(operation), Self.relu])
    }

    @Test("a bias between is folded too, however it is added", arguments: ["BiasAdd", "Add", "AddV2", "AddV2 reversed"])
    func biases(operation: String) throws {
        let inputs = operation.hasSuffix("reversed") ? ["bias", "conv"] : ["conv", "bias"]
        let sum = SmallGraph.float("sum", String(operation.split(separator: " ")[0]), inputs)
        try expectFolded([Self.image] + Self.vectors + [Self.convolution(), sum, Self.fused(of: "sum"), Self.relu], bias: Self.bias)
    }

    @Test("the decomposed form is folded with Add and AddV2, in either order, with gamma or without", arguments: ["Add", "AddV2"], [true, false])
    func decomposed(operation: String, hasGamma: Bool) throws {
        let scale = hasGamma ? "scale" : "root"
        let nodes =
            [
                Self.image, SmallGraph.constant("epsilon", [Self.epsilon]), Self.convolution(),
                SmallGraph.float("sum", operation, ["variance", "epsilon"]),
                SmallGraph.float("root", "Rsqrt", ["sum"]), SmallGraph.float("scale", "Mul", ["root", "gamma"]),
                SmallGraph.float("product", "Mul", ["conv", scale]), SmallGraph.float("shift", "Mul", ["mean", scale]),
                SmallGraph.float("difference", "Sub", ["beta", "shift"]),
            ] + Self.vectors
        try expectFolded(nodes + [SmallGraph.float("bn", operation, ["product", "difference"]), Self.relu], gamma: hasGamma ? Self.gamma : nil)
        try expectFolded(nodes + [SmallGraph.float("bn", operation, ["difference", "product"]), Self.relu], gamma: hasGamma ? Self.gamma : nil)
    }

    @Test("the operation of the first TensorFlow is folded, scaled only if it says so", arguments: [true, false])
    func global(isScaled: Bool) throws {
        let node = SmallGraph.node(
            "bn", "BatchNormWithGlobalNormalization", ["conv", "mean", "variance", "beta", "gamma"],
            [
                "T": .with { $0.type = .dtFloat }, "variance_epsilon": .with { $0.f = Self.epsilon },
                "scale_after_normalization": .with { $0.b = isScaled },
            ])
        try expectFolded([Self.image] + Self.vectors + [Self.convolution(), node, Self.relu], gamma: isScaled ? Self.gamma : nil)
    }

    @Test(
        "nothing is folded that trains, or that others depend on",
        arguments: ["training", "training by default", "second consumer", "output", "statistics used", "other format", "wrong length", "bias named"])
    func notFolded(fault: String) throws {
        var nodes = [Self.image] + Self.vectors + [Self.convolution(), Self.fused(), Self.relu]
        var outputs = "y"
        let last = nodes.count - 1
        switch fault {
        case "training": nodes[last - 1] = Self.fused(training: true)
        case "training by default": nodes[last - 1] = Self.fused(training: nil)
        case "second consumer":
            nodes.append(SmallGraph.float("other", "Neg", ["conv"]))
            outputs = "y,other"
        case "output": outputs = "y,conv"
        case "statistics used": outputs = "y,bn:1"
        case "other format": nodes[last - 1] = Self.fused(format: "NCHW")
        case "wrong length": nodes[5] = SmallGraph.constant("variance", [1, 2], shape: [2])
        default:
            nodes[last - 1] = Self.fused(of: "sum")
            nodes.append(SmallGraph.float("sum", "BiasAdd", ["conv", "bias"]))
            nodes.append(SmallGraph.float("z", "Neg", ["x", "^sum"]))
            outputs = "y,z"
        }
        let (graph, model) = try optimize(nodes, outputs: outputs)
        #expect(model.foldedCount == 0)
        #expect(graph["bn"]?.op == "FusedBatchNormV3")
        #expect(graph["conv"]?.input == ["x", "w"])
    }

    @Test("under NCHW only a BiasAdd counts as bias: a plain sum runs along the width")
    func channelsFirst() throws {
        let nodes = [Self.image] + Self.vectors + [Self.convolution(format: "NCHW"), Self.fused(of: "sum", format: "NCHW"), Self.relu]
        #expect(try optimize(nodes + [SmallGraph.float("sum", "AddV2", ["conv", "bias"])]).model.foldedCount == 0)
        var sum = SmallGraph.float("sum", "BiasAdd", ["conv", "bias"])
        sum.attr["data_format"] = .with { $0.s = Data("NCHW".utf8) }
        let (graph, model) = try optimize(nodes + [sum])
        #expect(model.foldedCount == 1)
        #expect(graph["bn"]?.attr["data_format"]?.s == Data("NCHW".utf8))
    }

    @Test("weights that two convolutions share are scaled for the one alone, and new names give way to old ones")
    func sharedWeights() throws {
        let nodes =
            [Self.image] + Self.vectors + [
                Self.convolution(), Self.fused(), Self.relu, Self.convolution("conv_weights"), SmallGraph.float("z", "Neg", ["conv_weights"]),
            ]
        let (graph, model) = try optimize(nodes, outputs: "y,z")
        #expect(model.foldedCount == 1)
        #expect(graph["conv"]?.input == ["x", "conv_weights_1"])
        #expect(graph["conv_weights"]?.input == ["x", "w"])
        #expect(Self.floats(graph["conv_weights_1"]) == Self.expected(bias: nil, gamma: Self.gamma).weights)
    }

    @Test("a depthwise convolution's channels are its inputs times its multiplier")
    func depthwise() throws {
        var node = Self.convolution()
        node.op = "DepthwiseConv2dNative"
        let kernel = SmallGraph.constant("w", Array(Self.kernel.prefix(9)), shape: [1, 3, 3, 1])
        let (graph, model) = try optimize([Self.image, kernel] + Self.vectors.dropFirst() + [node, Self.fused(), Self.relu])
        #expect(model.foldedCount == 1)
        #expect(Self.floats(graph["conv_weights"]) == Array(Self.expected(bias: nil, gamma: Self.gamma).weights.prefix(9)))
    }

    // MARK: - Training leftovers, branches, placeholders

    @Test("a CheckNumerics goes and its value stays, an Identity that is named elsewhere stays")
    func leftovers() throws {
        var colocated = SmallGraph.float("c", "Neg", ["b"])
        colocated.attr["_class"] = .with { $0.list.s = [Data("loc:@b".utf8)] }
        let (graph, _) = try optimize([
            SmallGraph.placeholder("x"), SmallGraph.float("check", "CheckNumerics", ["x"]), SmallGraph.float("a", "Identity", ["check"]),
            SmallGraph.float("b", "Identity", ["a"]), colocated, SmallGraph.float("d", "Identity", ["c"]),
            SmallGraph.float("y", "Neg", ["d", "^check"]),
        ])
        #expect(Set(graph.keys) == ["x", "b", "c", "y"])
        #expect(graph["b"]?.input == ["x"])
        #expect(graph["y"]?.input == ["c"])
    }

    /// A dropout behind a conditional, as TF1's layers make it.
    private static let conditional = [
        SmallGraph.placeholder("x"),
        SmallGraph.node(
            "default", "Const", [],
            [
                "dtype": .with { $0.type = .dtBool },
                "value": .with {
                    $0.tensor = .with {
                        $0.dtype = .dtBool; $0.boolVal = [true]
                    }
                },
            ]),
        SmallGraph.node("training", "PlaceholderWithDefault", ["default"], ["dtype": .with { $0.type = .dtBool }]),
        SmallGraph.node("predicate", "Identity", ["training"], ["T": .with { $0.type = .dtBool }]),
        SmallGraph.float("switch", "Switch", ["x", "predicate"]),
        SmallGraph.node("noise", "RandomUniform", ["switch:1"], ["dtype": .with { $0.type = .dtFloat }]),
        SmallGraph.float("dropped", "Mul", ["switch:1", "noise"]), SmallGraph.float("kept", "Relu", ["switch"]),
        SmallGraph.float("merge", "Merge", ["kept", "dropped"]), SmallGraph.float("y", "Neg", ["merge"]),
    ]

    @Test(
        "a fixed switch takes the branch that is never taken with it",
        arguments: [("false", ["kept", "x", "y"]), ("true", ["dropped", "noise", "x", "y"])])
    func deadBranches(value: String, names: [String]) throws {
        let (graph, model) = try optimize(Self.conditional) { $0.fixed = [PlaceholderValue(name: "training:0", value: value)] }
        #expect(graph.keys.sorted() == names)
        #expect(model.warnings.map(\.identifier).contains("random-operation") == (value == "true"))
        #expect(!model.warnings.map(\.identifier).contains("open-default"))
    }

    @Test("a switch that is not fixed stays, and is told of")
    func openSwitch() throws {
        let (graph, model) = try optimize(Self.conditional)
        #expect(graph["merge"]?.input == ["kept", "dropped"])
        #expect(Set(model.warnings.map(\.identifier)).isSuperset(of: ["open-default", "random-operation"]))
    }

    @Test(
        "a placeholder can be fixed to a scalar of its type, once",
        arguments: [
            ([("training", "maybe")], "bad-option"), ([("nothing", "1")], "no-such-node"), ([("y", "1")], "bad-option"), ([("x", "1")], "bad-option"),
            ([("training", "1"), ("training", "0")], "duplicate-key"),
        ])
    func badFixing(fixed: [(String, String)], identifier: String) {
        let failure = #expect(throws: SavedModelError.self) {
            try optimize(Self.conditional) { $0.fixed = fixed.map { PlaceholderValue(name: $0.0, value: $0.1) } }
        }
        #expect(failure?.code.identifier == identifier)
    }

    @Test("Keras's learning phase is off, by its own name alone")
    func learningPhase() throws {
        let phase = { (name: String) in SmallGraph.node(name, "Placeholder", [], ["dtype": .with { $0.type = .dtBool }]) }
        let cast = { (name: String, input: String) in
            SmallGraph.node(name, "Cast", [input], ["SrcT": .with { $0.type = .dtBool }, "DstT": .with { $0.type = .dtFloat }])
        }
        let (graph, model) = try optimize([
            SmallGraph.placeholder("x"), phase("a/keras_learning_phase"), phase("keras_learning_phase_2"), cast("p", "a/keras_learning_phase"),
            cast("q", "keras_learning_phase_2"), SmallGraph.float("r", "Mul", ["p", "q"]), SmallGraph.float("y", "Mul", ["x", "r"]),
        ])
        #expect(graph["a/keras_learning_phase"]?.op == "Const")
        #expect(graph["keras_learning_phase_2"]?.op == "Placeholder")
        #expect(Set(model.signature.inputs.keys) == ["x", "keras_learning_phase_2"])
    }

    @Test("the first dimension is opened by option, and a reshape to the old one is told of")
    func openBatch() throws {
        let shape = SmallGraph.node(
            "shape", "Const", [],
            [
                "dtype": .with { $0.type = .dtInt32 },
                "value": .with {
                    $0.tensor.dtype = .dtInt32
                    $0.tensor.tensorShape.dim = [.with { $0.size = 2 }]
                    $0.tensor.intVal = [1, 6]
                },
            ])
        var placeholder = SmallGraph.placeholder("x", .dtFloat, [1, 2, 3])
        placeholder.attr["_output_shapes"] = .with { $0.list.shape = [.with { $0.dim = [.with { $0.size = 1 }] }] }
        let nodes = [placeholder, shape, SmallGraph.float("y", "Reshape", ["x", "shape"])]
        let (graph, model) = try optimize(nodes) { $0.opensBatch = true }
        #expect(graph["x"]?.attr["shape"]?.shape.dim.map(\.size) == [-1, 2, 3])
        #expect(graph["x"]?.attr["_output_shapes"] == nil)
        #expect(model.signature.inputs["x"]?.shape == TensorShape([-1, 2, 3]))
        #expect(model.warnings.map(\.identifier).contains("fixed-reshape"))
        #expect(try optimize(nodes).graph["x"] == placeholder)
    }

    // MARK: - Variables

    private func variables(_ nodes: [Tensorflow_NodeDef], outputs: String = "y") throws -> [String: Tensorflow_NodeDef] {
        try optimize(nodes, outputs: outputs) { $0.variableThreshold = 1 }.graph
    }

    @Test("names that the conversion invents give way to those of the graph")
    func variableNames() throws {
        let graph = try variables([
            SmallGraph.placeholder("x"), SmallGraph.constant("w", [1, 2, 3], shape: [3]), SmallGraph.float("w/handle", "Neg", ["w"]),
            SmallGraph.float("save/Const", "Mul", ["x", "w/handle"]), SmallGraph.float("y", "Neg", ["save/Const"]),
        ])
        #expect(graph["w"]?.input == ["w/handle_1"])
        #expect(graph["w/handle_1"]?.op == "VarHandleOp")
        #expect(graph["w/handle"]?.op == "Neg")
        #expect(graph["save_1/restore_all"]?.op == "NoOp")
        #expect(graph["save/Const"]?.op == "Mul")
    }

    @Test("integers are moved only where nothing but a look-up reads them")
    func tables() throws {
        let integers = { (name: String, values: [Int64]) in
            SmallGraph.node(
                name, "Const", [],
                [
                    "dtype": .with { $0.type = .dtInt64 },
                    "value": .with {
                        $0.tensor.dtype = .dtInt64
                        $0.tensor.tensorShape.dim = [.with { $0.size = Int64(values.count) }]
                        $0.tensor.int64Val = values
                    },
                ])
        }
        let gather = { (name: String, inputs: [String]) in
            SmallGraph.node(name, "GatherV2", inputs, ["Tparams": .with { $0.type = .dtInt64 }, "Tindices": .with { $0.type = .dtInt64 }])
        }
        let graph = try variables(
            [
                SmallGraph.placeholder("x", .dtInt64, [-1]), integers("table", [5, 6, 7]), integers("both", [1, 2, 3]), integers("axis", [0]),
                gather("found", ["table", "x", "axis"]), gather("again", ["both", "both", "axis"]),
                SmallGraph.node("y", "AddV2", ["found", "again"], ["T": .with { $0.type = .dtInt64 }]),
            ])
        #expect(graph["table"]?.op == "ReadVariableOp")
        #expect(graph["both"]?.op == "Const")
        #expect(graph["axis"]?.op == "Const")
    }

    @Test("a constant inside of a loop stays, one that waits for another node elsewhere goes with its wait")
    func controlledConstants() throws {
        var waiting = SmallGraph.constant("w", [1, 2], shape: [2])
        waiting.input = ["^x"]
        let nodes = [SmallGraph.placeholder("x"), waiting, SmallGraph.float("y", "Mul", ["x", "w"])]
        #expect(try variables(nodes)["w"]?.input == ["w/handle", "^x"])
        let loop = nodes + [SmallGraph.float("enter", "Enter", ["x"]), SmallGraph.float("z", "Exit", ["enter"])]
        #expect(try variables(loop, outputs: "y,z")["w"]?.op == "Const")
    }
}
