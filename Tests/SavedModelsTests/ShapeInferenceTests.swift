// SPDX-License-Identifier: Apache-2.0

import Foundation
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import TestSupport
import Testing

/// Graphs of one or a few operations whose shapes the converter tells without TensorFlow.
struct ShapeCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let nodes: [Tensorflow_NodeDef]
    let outputs: String

    /// `x` goes in, `y` comes out.
    init(_ description: String, x: [Int64]?, _ nodes: [Tensorflow_NodeDef], outputs: String = "y") {
        self.testDescription = description
        self.nodes = [SmallGraph.placeholder("x", .dtFloat, x)] + nodes
        self.outputs = outputs
    }

    fileprivate static func ints(_ name: String, _ values: [Int32], scalar: Bool = false) -> Tensorflow_NodeDef {
        SmallGraph.node(
            name, "Const", [],
            [
                "dtype": .with { $0.type = .dtInt32 },
                "value": .with {
                    $0.tensor.dtype = .dtInt32
                    $0.tensor.tensorShape.dim = scalar ? [] : [.with { $0.size = Int64(values.count) }]
                    $0.tensor.intVal = values
                },
            ])
    }

    fileprivate static func weights(_ name: String, _ shape: [Int64]) -> Tensorflow_NodeDef { SmallGraph.constant(name, [0.5], shape: shape) }

    fileprivate static func y(
        _ operation: String, _ inputs: [String], _ attributes: [String: Tensorflow_AttrValue] = [:], types: [String] = ["T"], integers: [String] = []
    ) -> Tensorflow_NodeDef {
        var all = attributes
        for name in types { all[name] = .with { $0.type = .dtFloat } }
        for name in integers { all[name] = .with { $0.type = .dtInt32 } }
        return SmallGraph.node("y", operation, inputs, all)
    }

    fileprivate static func list(_ values: [Int64]) -> Tensorflow_AttrValue { .with { $0.list.i = values } }
    fileprivate static func text(_ text: String) -> Tensorflow_AttrValue { .with { $0.s = Data(text.utf8) } }

    fileprivate static func convolution(
        _ image: [Int64], _ filter: [Int64], strides: [Int64] = [1, 1, 1, 1], padding: String, format: String = "NHWC",
        dilations: [Int64] = [1, 1, 1, 1],
        explicit: [Int64] = [], operation: String = "Conv2D"
    ) -> ShapeCase {
        var attributes = [
            "strides": self.list(strides), "padding": self.text(padding), "data_format": self.text(format), "dilations": self.list(dilations),
        ]
        if !explicit.isEmpty { attributes["explicit_paddings"] = self.list(explicit) }
        return ShapeCase(
            "\(operation) \(image) \(filter) \(strides) \(padding) \(format) \(dilations)", x: image,
            [self.weights("w", filter), self.y(operation, ["x", "w"], attributes)])
    }

    fileprivate static func pooling(_ operation: String, _ image: [Int64], padding: String, format: String = "NHWC") -> ShapeCase {
        let sizes: [Int64] = format == "NHWC" ? [1, 3, 2, 1] : [1, 1, 3, 2]
        return ShapeCase(
            "\(operation) \(padding) \(format)", x: image,
            [
                self.y(
                    operation, ["x"],
                    ["ksize": self.list(sizes), "strides": self.list(sizes), "padding": self.text(padding), "data_format": self.text(format)])
            ])
    }

    static let told: [ShapeCase] = [
        Self.convolution([-1, 9, 8, 2], [3, 3, 2, 5], padding: "SAME"),
        Self.convolution([-1, 9, 8, 2], [3, 2, 2, 5], strides: [1, 2, 3, 1], padding: "VALID"),
        Self.convolution([-1, -1, 8, 2], [3, 2, 2, 5], strides: [1, 2, 2, 1], padding: "VALID", dilations: [1, 2, 2, 1]),
        Self.convolution([4, 2, 9, 8], [3, 3, 2, 5], strides: [1, 1, 2, 2], padding: "SAME", format: "NCHW"),
        Self.convolution([-1, 9, 8, 4], [3, 3, 2, 6], padding: "SAME"),
        Self.convolution([-1, 9, 8, 2], [3, 3, 2, 5], strides: [1, 2, 2, 1], padding: "EXPLICIT", explicit: [0, 0, 1, 2, 0, 3, 0, 0]),
        Self.convolution([-1, 9, 8, 2], [3, 3, 2, 4], strides: [1, 2, 2, 1], padding: "VALID", operation: "DepthwiseConv2dNative"),
        Self.pooling("MaxPool", [-1, 9, 8, 2], padding: "SAME"), Self.pooling("MaxPool", [-1, 9, -1, 2], padding: "VALID"),
        Self.pooling("AvgPool", [-1, 2, 9, 8], padding: "VALID", format: "NCHW"),
        ShapeCase("BiasAdd", x: [-1, 4, 4, -1], [Self.weights("b", [3]), Self.y("BiasAdd", ["x", "b"])]),
        ShapeCase("BiasAdd NCHW", x: [-1, 3, 4, 4], [Self.weights("b", [3]), Self.y("BiasAdd", ["x", "b"], ["data_format": Self.text("NCHW")])]),
        ShapeCase("Relu of any rank", x: nil, [Self.y("Relu", ["x"])]),
        ShapeCase("Softmax", x: [-1, 4], [Self.y("Softmax", ["x"])]),
        ShapeCase("broadcast up", x: [-1, 1, 4], [Self.weights("w", [3, 1]), Self.y("AddV2", ["x", "w"])]),
        ShapeCase("broadcast unknown by one", x: [-1, 4], [Self.weights("w", [1, 4]), Self.y("Mul", ["x", "w"])]),
        ShapeCase("broadcast unknown by more", x: [-1, 4], [Self.weights("w", [5, 1]), Self.y("Sub", ["x", "w"])]),
        ShapeCase("broadcast a scalar", x: [-1, 4], [Self.weights("w", []), Self.y("Maximum", ["w", "x"])]),
        ShapeCase("MatMul", x: [-1, 4], [Self.weights("w", [5, 4]), Self.y("MatMul", ["x", "w"], ["transpose_b": .with { $0.b = true }])]),
        ShapeCase("MatMul of unknown", x: [-1, -1], [Self.weights("w", [4, 5]), Self.y("MatMul", ["x", "w"])]),
        ShapeCase("BatchMatMulV2", x: [-1, 2, 3, 4], [Self.weights("w", [2, 4, 5]), Self.y("BatchMatMulV2", ["x", "w"])]),
        ShapeCase(
            "BatchMatMulV2 adjoint", x: [2, 3, 4],
            [Self.weights("w", [3, 5]), Self.y("BatchMatMulV2", ["x", "w"], ["adj_x": .with { $0.b = true }])]),
        ShapeCase("Mean", x: [-1, 7, 7, 8], [Self.ints("a", [1, 2]), Self.y("Mean", ["x", "a"], integers: ["Tidx"])]),
        ShapeCase(
            "Mean kept", x: [-1, 7, 7, 8],
            [Self.ints("a", [1, -2]), Self.y("Mean", ["x", "a"], ["keep_dims": .with { $0.b = true }], integers: ["Tidx"])]
        ),
        ShapeCase("Sum of all", x: [-1, 2], [Self.ints("a", [0, 1]), Self.y("Sum", ["x", "a"], integers: ["Tidx"])]),
        ShapeCase("Reshape open", x: [-1, 2, 6], [Self.ints("s", [-1, 12]), Self.y("Reshape", ["x", "s"], integers: ["Tshape"])]),
        ShapeCase("Reshape known", x: [2, 6], [Self.ints("s", [-1, 4]), Self.y("Reshape", ["x", "s"], integers: ["Tshape"])]),
        ShapeCase("Reshape to a scalar's list", x: [1, 1], [Self.ints("s", [1]), Self.y("Reshape", ["x", "s"], integers: ["Tshape"])]),
        ShapeCase("Reshape of unknown to fixed", x: [-1, 6], [Self.ints("s", [2, 3]), Self.y("Reshape", ["x", "s"], integers: ["Tshape"])]),
        ShapeCase(
            "ConcatV2", x: [-1, 4],
            [
                Self.ints("a", [-1], scalar: true), Self.weights("w", [2, 3]),
                Self.y("ConcatV2", ["x", "w", "a"], ["N": .with { $0.i = 2 }], integers: ["Tidx"]),
            ]),
        ShapeCase(
            "ConcatV2 along unknown", x: [-1, 4],
            [
                Self.ints("a", [0], scalar: true), Self.weights("w", [2, 4]),
                Self.y("ConcatV2", ["x", "w", "a"], ["N": .with { $0.i = 2 }], integers: ["Tidx"]),
            ]),
        ShapeCase(
            "Pack", x: [-1, 4], [Self.weights("w", [2, 4]), Self.y("Pack", ["x", "w"], ["N": .with { $0.i = 2 }, "axis": .with { $0.i = -1 }])]),
        ShapeCase("AddN", x: [-1, 4], [Self.weights("w", [2, 4]), Self.y("AddN", ["x", "w"], ["N": .with { $0.i = 2 }])]),
        ShapeCase("Squeeze", x: [-1, 1, 4, 1], [Self.y("Squeeze", ["x"], ["squeeze_dims": Self.list([1, -1])])]),
        ShapeCase("Squeeze all", x: [2, 1, 4, 1], [Self.y("Squeeze", ["x"], ["squeeze_dims": Self.list([])])]),
        ShapeCase("ExpandDims", x: [-1, 4], [Self.ints("a", [-1], scalar: true), Self.y("ExpandDims", ["x", "a"], integers: ["Tdim"])]),
        ShapeCase("ArgMax", x: [-1, 4], [Self.ints("a", [1], scalar: true), Self.y("ArgMax", ["x", "a"], integers: ["Tidx"])]),
        ShapeCase("Gather", x: nil, [Self.weights("w", [9, 4]), Self.ints("i", [1, 2]), Self.y("Relu", ["x"]), Self.gather], outputs: "y,g"),
        ShapeCase(
            "Split", x: [-1, 6], [Self.ints("a", [1], scalar: true), Self.y("Split", ["a", "x"], ["num_split": .with { $0.i = 3 }])], outputs: "y:2"),
        ShapeCase(
            "TopKV2", x: [-1, 6], [Self.ints("k", [2], scalar: true), Self.y("TopKV2", ["x", "k"])], outputs: "y:0,y:1"),
        ShapeCase(
            "PlaceholderWithDefault", x: [-1, 6],
            [Self.weights("w", [1, 6]), Self.withDefault, Self.y("AddV2", ["x", "d"])]),
        ShapeCase(
            "Cast", x: [-1, 6], [SmallGraph.node("y", "Cast", ["x"], ["SrcT": .with { $0.type = .dtFloat }, "DstT": .with { $0.type = .dtInt64 }])]),
        ShapeCase("the input itself", x: [-1, 6], [Self.y("Identity", ["x"])], outputs: "y,k=x"),
    ]

    private static let gather = SmallGraph.node(
        "g", "GatherV2", ["w", "i", "zero"],
        ["Tparams": .with { $0.type = .dtFloat }, "Tindices": .with { $0.type = .dtInt32 }, "Taxis": .with { $0.type = .dtInt32 }])

    private static let withDefault = SmallGraph.node(
        "d", "PlaceholderWithDefault", ["w"],
        [
            "dtype": .with { $0.type = .dtFloat },
            "shape": .with { $0.shape.dim = [.with { $0.size = -1 }, .with { $0.size = 6 }] },
        ])

    static let transposition = ShapeCase(
        "Transpose", x: [-1, 4, 5], [Self.ints("p", [2, 0, 1]), Self.y("Transpose", ["x", "p"], integers: ["Tperm"])])
    static let padding = ShapeCase(
        "Pad", x: [-1, 4], [Self.paddings, Self.y("Pad", ["x", "p"], integers: ["Tpaddings"])])
    private static let paddings = SmallGraph.node(
        "p", "Const", [],
        [
            "dtype": .with { $0.type = .dtInt32 },
            "value": .with {
                $0.tensor.dtype = .dtInt32
                $0.tensor.tensorShape.dim = [.with { $0.size = 2 }, .with { $0.size = 2 }]
                $0.tensor.intVal = [0, 1, 2, 3]
            },
        ])

    /// What is left to TensorFlow: an operation without a rule, operands that are computed, and contradictions.
    static let notTold: [ShapeCase] = [
        ShapeCase("MatrixInverse", x: [-1, 4, 4], [Self.y("MatrixInverse", ["x"])]),
        ShapeCase(
            "Reshape to a computed shape", x: [-1, 4],
            [
                SmallGraph.node("s", "Shape", ["x"], ["T": .with { $0.type = .dtFloat }, "out_type": .with { $0.type = .dtInt32 }]),
                Self.y("Reshape", ["x", "s"], integers: ["Tshape"]),
            ]),
        ShapeCase("Relu of another type than its input's", x: [-1, 4], [SmallGraph.node("y", "Relu", ["x"], ["T": .with { $0.type = .dtDouble }])]),
        ShapeCase("Relu without a type", x: [-1, 4], [SmallGraph.node("y", "Relu", ["x"])]),
        ShapeCase("Relu of two", x: [-1, 4], [Self.y("Relu", ["x", "x"])]),
        ShapeCase("a sum of three", x: [-1, 4], [Self.y("Add", ["x", "x", "x"])]),
        ShapeCase("a sum of fewer than it says", x: [-1, 4], [Self.y("AddN", ["x", "x"], ["N": .with { $0.i = 3 }])]),
        ShapeCase("MatMul that cannot be", x: [-1, 4], [Self.weights("w", [5, 4]), Self.y("MatMul", ["x", "w"])]),
        ShapeCase("sum that cannot be", x: [-1, 4], [Self.weights("w", [5]), Self.y("Add", ["x", "w"])]),
    ]

    func converter() throws -> GraphConverter {
        let zero = Self.ints("zero", [0], scalar: true)
        return GraphConverter(
            try GraphIndex(decoding: try SmallGraph.graph(self.nodes + [zero])),
            options: ConversionOptions(inputs: [TensorSelection(tensor: "x")], outputs: TensorSelection.list(parsing: self.outputs)).keepingGraph)
    }
}

@Suite("Shapes without TensorFlow")
struct ShapeInferenceTests {
    @Test("everyday operations are told without TensorFlow", arguments: ShapeCase.told + [ShapeCase.transposition, ShapeCase.padding])
    func told(_ example: ShapeCase) throws {
        var isNeeded: Bool?
        let model = try example.converter().convert {
            isNeeded = $0
            return nil
        }
        #expect(isNeeded == false)
        #expect(model.warnings.allSatisfy { $0.identifier == "open-default" })
    }

    @Test(
        "and are what TensorFlow infers", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow (make tensorflow)"),
        arguments: ShapeCase.told + [ShapeCase.transposition, ShapeCase.padding])
    func equal(_ example: ShapeCase) throws {
        let converter = try example.converter()
        let told = try converter.convert { _ in nil }.signature
        let inferred = try converter.convert(with: TensorFlowGraphInference(library: try TensorFlowLibrary.load())).signature
        #expect(told.outputs == inferred.outputs)
    }

    @Test("what has no rule, or contradicts itself, is left to TensorFlow", arguments: ShapeCase.notTold)
    func notTold(_ example: ShapeCase) throws {
        var isNeeded: Bool?
        // Without TensorFlow the type has to be told where the operation is not known.
        var options = ConversionOptions(outputs: TensorSelection.list(parsing: example.outputs), types: ["y": .float]).keepingGraph
        options.inputs = [TensorSelection(tensor: "x")]
        _ = try GraphConverter(try GraphIndex(decoding: try SmallGraph.graph(example.nodes)), options: options).convert {
            isNeeded = $0
            return nil
        }
        #expect(isNeeded == true)
    }

    @Test("an operation, or one in a function, that is not known here makes TensorFlow needed", arguments: [false, true])
    func strangeOperation(inFunction: Bool) throws {
        let strange = SmallGraph.node("strange", "NoSuchOp", [])
        var graph = Tensorflow_GraphDef.with {
            $0.node = [
                SmallGraph.placeholder("x"),
                SmallGraph.node("y", "Relu", ["x"] + (inFunction ? [] : ["^strange"]), ["T": .with { $0.type = .dtFloat }]),
            ]
            $0.versions.producer = 1882
        }
        if inFunction { graph.library.function = [.with { $0.nodeDef = [strange] }] } else { graph.node.append(strange) }
        var isNeeded: Bool?
        let converter = GraphConverter(
            try GraphIndex(decoding: try graph.serializedBytes()), options: ConversionOptions(outputs: [TensorSelection(tensor: "y")]))
        _ = try converter.convert {
            isNeeded = $0
            return nil
        }
        #expect(isNeeded == true)
    }

    @Test(
        "the vectors' shapes, where they are told, are TensorFlow's", .enabled(if: GraphVectors.exist, "needs the graph vectors"),
        arguments: GraphVectors.valid)
    func vectors(vector: GraphVectors.Vector) throws {
        var isNeeded: Bool?
        let model = try GraphConverter(try GraphIndex(decoding: try vector.bytes()), options: vector.options).convert {
            isNeeded = $0
            return nil
        }
        guard isNeeded == false else { return }
        for (name, wanted) in try #require(vector.signature).outputs {
            #expect(model.signature.outputs[name.replacing(":", with: "_")]?.shape.dimensions == wanted.shape)
        }
    }
}
