// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Converting a frozen graph")
struct ConversionTests {
    private func convert(
        _ nodes: [Tensorflow_NodeDef], inputs: String? = nil, outputs: String, types: [String: DataType] = [:], producer: Int32 = 1882
    ) throws -> ConvertedModel {
        let options = ConversionOptions(
            inputs: inputs.map { TensorSelection.list(parsing: $0) } ?? [], outputs: TensorSelection.list(parsing: outputs), types: types)
        return try ConvertedModel(decoding: try SmallGraph.graph(nodes, producer: producer), options: options.keepingGraph)
    }

    private func code(_ nodes: [Tensorflow_NodeDef], inputs: String? = nil, outputs: String) -> String? {
        #expect(throws: SavedModelError.self) { try convert(nodes, inputs: inputs, outputs: outputs) }?.code.identifier
    }

    private func graph(of model: ConvertedModel) throws -> Tensorflow_GraphDef {
        try #require(try Tensorflow_SavedModel(serializedBytes: model.encode()).metaGraphs.first).graphDef
    }

    private let chain = [
        SmallGraph.placeholder("image"), SmallGraph.float("hidden", "Relu", ["image"]), SmallGraph.float("prob", "Softmax", ["hidden"]),
    ]

    @Test("without named inputs, the placeholders that the outputs need are taken")
    func defaultInputs() throws {
        let model = try convert(chain + [SmallGraph.placeholder("other")], outputs: "prob")
        #expect(model.signature.inputs == ["image": TensorInfo(name: "image:0", dataType: .float, shape: TensorShape([-1, 3]))])
        #expect(model.signature.outputs == ["prob": TensorInfo(name: "prob:0", dataType: .float, shape: TensorShape([-1, 3]))])
        #expect(model.nodeNames == ["image", "hidden", "prob"])
        #expect(model.warnings.isEmpty)
    }

    @Test("names may carry a port, and a key of their own")
    func names() throws {
        let model = try convert(chain, inputs: "x=image:0", outputs: "scores=prob:0, raw=hidden")
        #expect(Set(model.signature.inputs.keys) == ["x"])
        #expect(model.signature.outputs.mapValues(\.name) == ["scores": "prob:0", "raw": "hidden:0"])
    }

    @Test("a node given as input becomes a placeholder of its type, and what fed it falls away")
    func replacedInput() throws {
        let model = try convert(chain, inputs: "hidden", outputs: "prob")
        #expect(try graph(of: model).node == [SmallGraph.placeholder("hidden"), SmallGraph.float("prob", "Softmax", ["hidden"])])
    }

    @Test("a placeholder with default that is an input loses its default")
    func defaultedInput() throws {
        let nodes = [
            SmallGraph.node("queue", "IteratorGetNext"),
            SmallGraph.node("image", "PlaceholderWithDefault", ["queue"], SmallGraph.placeholder("image").attr),
            SmallGraph.float("prob", "Softmax", ["image"]),
        ]
        let model = try convert(nodes, inputs: "image", outputs: "prob")
        #expect(try graph(of: model).node.map(\.op) == ["Placeholder", "Softmax"])
        #expect(code(nodes, outputs: "prob") == "bad-option")
        #expect(code(nodes + [SmallGraph.placeholder("p")], inputs: "p", outputs: "prob") == "unused-input")
    }

    @Test("an unknown name is refused with the near ones")
    func nearNames() {
        let failure = #expect(throws: SavedModelError.self) { try convert(chain, inputs: "imege", outputs: "prob") }
        #expect(failure?.code == .noSuchNode)
        #expect(failure?.remedy == "did you mean image?")
    }

    @Test(
        "selections that do not fit the graph are refused",
        arguments: [
            ("image", "prob:1", "bad-output-index"), ("image:1", "prob", "bad-output-index"), ("image", "prob:-1", "no-such-node"),
            ("image", "^prob", "bad-option"), ("image", "x=", "bad-option"), ("image", "=prob", "bad-option"), ("image", "", "bad-option"),
            ("image,image", "prob", "duplicate-key"), ("a=image,b=image", "prob", "duplicate-key"), ("image", "a=prob,a=hidden", "duplicate-key"),
            ("prob", "hidden", "unused-input"), ("image", "prob:99999999999999999999", "bad-output-index"),
        ])
    func badSelections(inputs: String, outputs: String, identifier: String) {
        #expect(code(chain, inputs: inputs, outputs: outputs) == identifier)
    }

    @Test("a placeholder that is needed and not an input is refused by name")
    func unfedPlaceholder() {
        let nodes = chain + [SmallGraph.placeholder("mask"), SmallGraph.float("masked", "Mul", ["prob", "mask"])]
        let failure = #expect(throws: SavedModelError.self) { try convert(nodes, inputs: "image", outputs: "masked") }
        #expect(failure?.code == .unfedPlaceholder)
        #expect(failure?.message.contains("\"mask\"") == true)
    }

    @Test("open defaults, random operations and tables are told of")
    func warnings() throws {
        let nodes = [
            SmallGraph.placeholder("x"), SmallGraph.constant("off", [0]),
            SmallGraph.node("training", "PlaceholderWithDefault", ["off"], ["dtype": .with { $0.type = .dtFloat }]),
            SmallGraph.node("noise", "RandomUniform", ["off"], ["dtype": .with { $0.type = .dtFloat }]), SmallGraph.node("table", "HashTableV2"),
            SmallGraph.float("sum", "AddN", ["x", "training", "noise", "^table"]),
        ]
        let model = try convert(nodes, inputs: "x", outputs: "sum")
        #expect(model.warnings.map(\.identifier) == ["open-default", "random-operation", "uninitialized-table", "unknown-shape"])
    }

    @Test("an operation that is not known needs its type from the user")
    func unknownType() throws {
        let nodes = [SmallGraph.placeholder("x"), SmallGraph.node("y", "SomeNewOp", ["x"])]
        #expect(code(nodes, outputs: "y") == "unknown-type")
        let model = try convert(nodes, outputs: "y", types: ["y:0": .int64])
        #expect(model.signature.outputs["y"] == TensorInfo(name: "y:0", dataType: .int64, shape: .unknownRank))
    }

    @Test("loops of TF1 are no cycles, others are, and a long chain needs no stack")
    func cycles() throws {
        let loop = [
            SmallGraph.placeholder("x"), SmallGraph.float("enter", "Enter", ["x"]), SmallGraph.float("merge", "Merge", ["enter", "next"]),
            SmallGraph.float("body", "Relu", ["merge"]), SmallGraph.float("next", "NextIteration", ["body"]),
            SmallGraph.float("exit", "Exit", ["body"]),
        ]
        #expect(try convert(loop, outputs: "exit").nodeNames.count == 6)
        #expect(
            code([SmallGraph.placeholder("x"), SmallGraph.float("a", "Add", ["x", "b"]), SmallGraph.float("b", "Relu", ["a"])], outputs: "b")
                == "cycle")
        #expect(code([SmallGraph.float("a", "Relu", ["a"])], inputs: nil, outputs: "a") == "cycle")
        let long = [SmallGraph.placeholder("n0")] + (1...20_000).map { SmallGraph.float("n\($0)", "Identity", ["n\($0 - 1)"]) }
        #expect(try convert(long.reversed(), outputs: "n20000").signature.outputs["n20000"]?.shape == TensorShape([-1, 3]))
    }

    @Test("a node is kept that another is to be placed with")
    func colocation() throws {
        var relu = SmallGraph.float("relu", "Relu", ["x"])
        relu.attr["_class"] = .with { $0.list.s = [.init("loc:@anchor".utf8)] }
        let nodes = [SmallGraph.placeholder("x"), SmallGraph.constant("anchor", [1]), relu]
        #expect(try convert(nodes, outputs: "relu").nodeNames == ["x", "anchor", "relu"])
        relu.attr["_class"] = .with { $0.list.s = [.init("loc:@nowhere".utf8)] }
        #expect(code([SmallGraph.placeholder("x"), relu], outputs: "relu") == "missing-input")
    }

    @Test(
        "constants that contradict themselves are refused",
        arguments: [([Float](repeating: 1, count: 3), [Int64(2)]), ([1], [-1]), ([1], [Int64.max, 4]), ([], [0, -5])])
    func badConstants(values: [Float], shape: [Int64]) {
        let nodes = [SmallGraph.placeholder("x"), SmallGraph.constant("c", values, shape: shape), SmallGraph.float("y", "Add", ["x", "c"])]
        #expect(code(nodes, outputs: "y") == "bad-constant")
    }

    @Test("a constant whose declared type is another than its value's is refused")
    func constantTypes() {
        var constant = SmallGraph.constant("c", [1])
        constant.attr["dtype"] = .with { $0.type = .dtInt32 }
        #expect(code([SmallGraph.placeholder("x"), constant, SmallGraph.float("y", "Add", ["x", "c"])], outputs: "y") == "bad-constant")
    }

    @Test("names of nodes follow TensorFlow's rule", arguments: ["_x", "-a", "/a", "", "a b", "ä", "a>", ">a", "a>_b", "^a"])
    func badNames(name: String) {
        #expect(code([SmallGraph.placeholder("x"), SmallGraph.placeholder(name)], outputs: "x") == "bad-name")
    }

    @Test("an output in a reference type means variables are left")
    func references() {
        let nodes = [SmallGraph.placeholder("x"), SmallGraph.node("y", "Identity", ["x"], ["T": .with { $0.type = .dtFloatRef }])]
        #expect(code(nodes, outputs: "y") == "not-frozen")
    }

    @Test("the installed TensorFlow's version and operations are asked")
    func catalog() throws {
        func failure(_ nodes: [Tensorflow_NodeDef], minimumConsumer: Int32 = 0) throws -> SavedModelError? {
            let index = try GraphIndex(decoding: try SmallGraph.graph(nodes, minimumConsumer: minimumConsumer))
            let converter = GraphConverter(index, options: ConversionOptions(outputs: [TensorSelection(tensor: nodes.last!.name)]))
            return #expect(throws: SavedModelError.self) { try converter.convert(catalog: EverydayOperations()) }
        }
        #expect(try failure([SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])], minimumConsumer: 2475)?.code == .version)
        #expect(try failure([SmallGraph.placeholder("x"), SmallGraph.float("y", "Softmax", ["x"])])?.code == .unknownOperation)
    }

    @Test("what TensorFlow infers is what the signature says, and big constants are hollow for it")
    func inference() throws {
        struct Fixed: GraphInference {
            func outputs(of graphDef: [UInt8], tensors: [String]) throws -> [(DataType, TensorShape)] {
                let graph = try Tensorflow_GraphDef(serializedBytes: graphDef)
                #expect(graph.node.map(\.op) == ["Placeholder", "Placeholder", "MatMul"])
                #expect(graph.node[1].attr["shape"]?.shape.dim.map(\.size) == [3, 10_000])
                return tensors.map { _ in (.float, TensorShape([-1, 10_000])) }
            }
        }
        let weights = SmallGraph.constant("w", [Float](repeating: 0.5, count: 30_000), shape: [3, 10_000])
        let bytes = try SmallGraph.graph([SmallGraph.placeholder("x"), weights, SmallGraph.float("y", "MatMul", ["x", "w"])])
        let model = try GraphConverter(GraphIndex(decoding: bytes), options: ConversionOptions(outputs: [TensorSelection(tensor: "y")]).keepingGraph)
            .convert(
                with: Fixed())
        #expect(model.signature.outputs["y"]?.shape == TensorShape([-1, 10_000]))
        #expect(try graph(of: model).node[1] == weights)
    }

    @Test("messages in pieces, repeated scalars and absent fields are read as protobuf says")
    func wireForms() throws {
        // NodeDef x with its name given twice (the last counts) and attr "shape" in two pieces: dims -1 and 3.
        let minusOne: [UInt8] = [0x12, 0x0b, 0x08] + [UInt8](repeating: 0xff, count: 9) + [0x01]
        let firstShape: [UInt8] = [0x3a, UInt8(minusOne.count)] + minusOne
        let secondShape: [UInt8] = [0x3a, 0x04, 0x12, 0x02, 0x08, 0x03]
        func entry(_ key: String, _ values: [[UInt8]]) -> [UInt8] {
            let body = values.flatMap { [0x12, UInt8($0.count)] + $0 } + [0x0a, UInt8(key.utf8.count)] + Array(key.utf8)
            return [0x2a, UInt8(body.count)] + body
        }
        let node: [UInt8] =
            [0x0a, 1] + Array("a".utf8) + entry("dtype", [[0x30, 2], [0x30, 1]]) + entry("shape", [firstShape, secondShape])
            + [0x12, 11] + Array("Placeholder".utf8) + [0x0a, 1] + Array("x".utf8)
        let model = try ConvertedModel(
            decoding: [0x0a, UInt8(node.count)] + node, options: ConversionOptions(outputs: [TensorSelection(tensor: "x")]))
        // No versions at all means producer 0; the shape is not empty, so it counts.
        #expect(model.signature.inputs["x"] == TensorInfo(name: "x:0", dataType: .float, shape: TensorShape([-1, 3])))
    }

    @Test("a written version is a folder that reads back, and is not replaced unless asked")
    func writing() throws {
        let scratch = try ScratchFolder()
        let model = try convert(chain, outputs: "prob")
        try model.write(to: scratch.file("models/net"), version: 7, replacing: false)
        #expect(scratch.contents == ["models", "models/net", "models/net/7", "models/net/7/saved_model.pb", "models/net/7/variables"])
        let described = try ModelFolder.describe(scratch.file("models/net"))
        #expect(described.map(\.version) == [7])
        #expect(described.first?.modelBytes == model.size)
        #expect(throws: (any Error).self) { try model.write(to: scratch.file("models/net"), version: 7, replacing: false) }
        try model.write(to: scratch.file("models/net"), version: 7, replacing: true)
        #expect(try SavedModelFolder(path: scratch.file("models/net/7")).read().signatures["serving_default"] == model.signature)
    }
}
