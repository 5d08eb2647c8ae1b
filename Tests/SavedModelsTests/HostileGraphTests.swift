// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftProtobuf
import TensorFlowProtos
import Testing

@testable import SavedModels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Bytes that somebody made to cost much, or to say something else than they seem to.
@Suite("Hostile graphs and models")
struct HostileGraphTests {
    /// A length-delimited field.
    private func field(_ number: UInt64, _ contents: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.write(field: Int(number), bytes: contents)
        return writer.bytes
    }

    private func convert(_ bytes: [UInt8], inputs: String? = nil, outputs: String, key: String = Signature.defaultKey) throws -> ConvertedModel {
        try ConvertedModel(
            decoding: bytes,
            options: ConversionOptions(
                inputs: inputs.map { TensorSelection.list(parsing: $0) } ?? [], outputs: TensorSelection.list(parsing: outputs), signatureKey: key))
    }

    private func graph(of model: ConvertedModel) throws -> Tensorflow_GraphDef {
        try #require(try Tensorflow_SavedModel(serializedBytes: model.encode()).metaGraphs.first).graphDef
    }

    @Test("an attribute in many pieces costs time in proportion to its length", .timeLimit(.minutes(1)), arguments: [1, 7, 8] as [UInt64])
    func attributeInPieces(member: UInt64) throws {
        // A value whose first piece is large, so that copying it for each of the others would show.
        let dimensions = [[UInt8]](repeating: [0x12, 0x02, 0x08, 0x01], count: 300_000).flatMap { $0 }
        let pieces = self.field(member, dimensions) + [[UInt8]](repeating: self.field(member, [0x12, 0x00]), count: 300_000).flatMap { $0 }
        let value = try AttributeValue(GraphBytes(pieces), pieces: [0..<pieces.count])
        switch value {
        case .list(let pieces), .tensor(let pieces): #expect(pieces.count == 300_001)
        case .shape(let shape): #expect(shape.dimensions.count == 600_000)
        default: Issue.record("another value: \(value)")
        }
    }

    @Test("many consumers of a node with many attributes cost time in proportion to the file", .timeLimit(.minutes(1)))
    func manyConsumers() throws {
        let count = 30_000
        let attributes = [[UInt8]](repeating: self.field(5, self.field(1, [0x61])), count: count).flatMap { $0 }
        let wide = self.field(1, self.field(1, Array("wide".utf8)) + self.field(2, Array("Split".utf8)) + attributes)
        let inputs = [[UInt8]](repeating: self.field(3, Array("wide:1".utf8)), count: count).flatMap { $0 }
        let consumer = self.field(1, self.field(1, Array("y".utf8)) + self.field(2, Array("AddN".utf8)) + self.field(3, Array("x".utf8)) + inputs)
        let placeholder = try SmallGraph.graph([SmallGraph.placeholder("x")])
        let options = ConversionOptions(outputs: [TensorSelection(tensor: "y")], types: ["y": .float])
        #expect(try ConvertedModel(decoding: placeholder + wide + consumer, options: options).nodeNames == ["x", "wide", "y"])
    }

    @Test("many placeholders cost time in proportion to their number", .timeLimit(.minutes(1)))
    func manyPlaceholders() throws {
        let count = 50_000
        let nodes = (0..<count).map { SmallGraph.placeholder("p\($0)") }
        let sum = SmallGraph.float("sum", "AddN", nodes.map(\.name))
        #expect(try self.convert(try SmallGraph.graph(nodes + [sum]), outputs: "sum").signature.inputs.count == count)
    }

    @Test(
        "a long chain of nodes costs time in proportion to its length, and TensorFlow is not asked about one beyond its limit",
        .timeLimit(.minutes(1)))
    func longChain() throws {
        // Written by hand: a message of so many nodes takes the generated code longer than the conversion.
        let type = self.field(5, self.field(1, [0x54]) + self.field(2, [0x30, 0x01]))
        var bytes = try SmallGraph.graph([SmallGraph.placeholder("n0")])
        // Long enough that a square of it would show.
        let count = 100_000
        for number in 1...count {
            let name = number == count ? "y" : "n\(number)"
            let node = self.field(1, Array(name.utf8)) + self.field(2, Array("Relu".utf8)) + self.field(3, Array("n\(number - 1)".utf8)) + type
            bytes += self.field(1, node)
        }
        let converter = GraphConverter(
            try GraphIndex(decoding: bytes), options: ConversionOptions(outputs: [TensorSelection(tensor: "y")]), maximumAskedNodes: count)
        let model = try converter.convert { _ in
            Issue.record("TensorFlow was asked")
            return nil
        }
        #expect(model.nodeNames.count == count + 1)
        #expect(model.signature.outputs["y"]?.shape == TensorShape([-1, 3]))
    }

    @Test("that TensorFlow was needed and is not asked about so many nodes is told")
    func manyNodes() throws {
        let bytes = try SmallGraph.graph([SmallGraph.placeholder("x"), SmallGraph.float("y", "Strange", ["x"])])
        let options = ConversionOptions(outputs: [TensorSelection(tensor: "y")], types: ["y": .float])
        for (limit, isTold) in [(1, true), (2, false)] {
            let converter = GraphConverter(try GraphIndex(decoding: bytes), options: options, maximumAskedNodes: limit)
            var isAsked = false
            let model = try converter.convert { isNeeded in
                isAsked = isNeeded
                return nil
            }
            #expect(isAsked == !isTold)
            #expect(model.warnings.contains { $0.identifier == "many-nodes" } == isTold)
        }
    }

    @Test("inputs and attributes beyond the limit are not even listed")
    func partLimit() throws {
        for part in [self.field(3, [0x61]), self.field(5, []), self.field(5, self.field(2, []))] {
            let body = [[UInt8]](repeating: part, count: 50).flatMap { $0 }
            var scan = GraphNodeScan(partLimit: 20)
            try scan.append(GraphBytes(body), field: 0..<body.count, body: 0..<body.count)
            #expect(scan.isFull)
            #expect(max(scan.inputs.count, scan.attributes.count) == 21)
        }
        let entry = self.field(5, [[UInt8]](repeating: self.field(2, []), count: 50).flatMap { $0 })
        var scan = GraphNodeScan(partLimit: 20)
        try scan.append(GraphBytes(entry), field: 0..<entry.count, body: 0..<entry.count)
        #expect(scan.attributes.count == 21)
        var fitting = GraphNodeScan(partLimit: 50)
        try fitting.append(GraphBytes(entry), field: 0..<entry.count, body: 0..<entry.count)
        #expect(!fitting.isFull)
    }

    @Test("too many meta graphs are refused, and a few more than one are searched")
    func metaGraphs() throws {
        let empty: [UInt8] = [0x12, 0x00]
        let model = try self.convert(try SmallGraph.graph([SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])]), outputs: "y").encode()
        func decode(_ count: Int) throws -> SavedModel {
            try SavedModel(decoding: [[UInt8]](repeating: empty, count: count).flatMap { $0 } + model)
        }
        #expect(try decode(999).signatures.count == 1)
        let failure = #expect(throws: SavedModelError.self) { try decode(1000) }
        #expect(failure?.code == .notASavedModel)
        let none = #expect(throws: SavedModelError.self) {
            try SavedModel(decoding: [[UInt8]](repeating: empty, count: 1000).flatMap { $0 })
        }
        #expect(none?.code == .noSuchTags)
        #expect((none?.message.utf8.count ?? .max) < 200)
    }

    @Test("long names go into the model whole")
    func longNames() throws {
        let name = "scope/" + String(repeating: "long", count: 100)
        let function = "__inference_" + String(repeating: "f", count: 300)
        let nodes = [
            SmallGraph.placeholder("image"), SmallGraph.float(name, "Relu", ["image"]), SmallGraph.node("\(name)_y", function, [name]),
        ]
        var definition = Tensorflow_GraphDef.with { $0.node = nodes }
        definition.library.function = [.with { $0.signature.name = function }]
        let options = ConversionOptions(
            inputs: [TensorSelection(tensor: name)], outputs: [TensorSelection(tensor: "\(name)_y")], types: ["\(name)_y": .float])
        let converter = GraphConverter(try GraphIndex(decoding: try definition.serializedBytes()), options: options)
        let model = try converter.convert(catalog: EverydayOperations())
        #expect(model.nodeNames == [name, "\(name)_y"])
        #expect(model.signature.inputs[name]?.name == "\(name):0")
        #expect(model.signature.outputs["\(name)_y"]?.name == "\(name)_y:0")
        #expect(try self.graph(of: model).node.map(\.name) == [name, "\(name)_y"])
    }

    @Test("an input that waits for another node, or is placed with one, is cut off from it")
    func inputsWithTies() throws {
        let waiting = SmallGraph.node("x", "Placeholder", ["^gone"], SmallGraph.placeholder("x").attr)
        let relu = SmallGraph.float("y", "Relu", ["x"])
        let model = try self.convert(try SmallGraph.graph([SmallGraph.node("gone", "NoOp"), waiting, relu]), inputs: "x", outputs: "y")
        #expect(try self.graph(of: model).node == [SmallGraph.placeholder("x"), relu])

        var placed = SmallGraph.float("x", "Identity", ["variable"])
        placed.attr["_class"] = .with { $0.list.s = [.init("loc:@variable".utf8)] }
        placed.attr["_output_shapes"] = .with { $0.list.shape = [SmallGraph.placeholder("x").attr["shape"]?.shape ?? .init()] }
        let replaced = try self.convert(try SmallGraph.graph([SmallGraph.node("variable", "VariableV2"), placed, relu]), inputs: "x", outputs: "y")
        #expect(try self.graph(of: replaced).node == [SmallGraph.placeholder("x"), relu])

        // One that stays as it is keeps its neighbour, without which TensorFlow would refuse it.
        var anchored = SmallGraph.placeholder("x")
        anchored.attr["_class"] = .with { $0.list.s = [.init("loc:@anchor".utf8)] }
        let kept = try self.convert(try SmallGraph.graph([SmallGraph.constant("anchor", [1]), anchored, relu]), inputs: "x", outputs: "y")
        #expect(kept.nodeNames == ["anchor", "x", "y"])
    }

    @Test("keys of signatures that clients cannot ask for are refused", arguments: ["", "__saved_model_init_op", "__saved_model_train_op"])
    func signatureKeys(key: String) throws {
        let bytes = try SmallGraph.graph([SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])])
        let failure = #expect(throws: SavedModelError.self) { try self.convert(bytes, outputs: "y", key: key) }
        #expect(failure?.code == .badOption)
        #expect(failure?.exitStatus == .usage)
    }

    @Test("a type for a tensor that was not named is refused")
    func unusedType() throws {
        let bytes = try SmallGraph.graph([SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])])
        for (name, isRefused) in [("x", false), ("y:0", false), ("z", true), ("y:1", true)] {
            let options = ConversionOptions(outputs: [TensorSelection(tensor: "y")], types: [name: .float])
            if isRefused {
                let failure = #expect(throws: SavedModelError.self) { try ConvertedModel(decoding: bytes, options: options) }
                #expect(failure?.code == .badOption)
            } else {
                #expect(throws: Never.self) { try ConvertedModel(decoding: bytes, options: options) }
            }
        }
    }

    @Test("what would steer a terminal is shown and not sent")
    func terminals() throws {
        let escape = "\u{1b}[2J\u{9b}1m\u{202e}"
        let bytes = try SmallGraph.graph([SmallGraph.placeholder("x\(escape)")])
        let badName = #expect(throws: SavedModelError.self) { try GraphIndex(decoding: bytes) }
        #expect(badName?.message.contains(#""x\u{1b}[2J\u{9b}1m\u{202e}""#) == true)
        let operation = try SmallGraph.graph([SmallGraph.placeholder("x"), SmallGraph.node("y", "Assign\(escape)", ["x"])])
        let notFrozen = #expect(throws: SavedModelError.self) { try self.convert(operation, outputs: "y") }
        #expect(notFrozen?.code == .notFrozen)
        #expect(notFrozen?.message.contains("\u{1b}") == false)

        let model = Tensorflow_SavedModel.with {
            $0.metaGraphs = [
                .with {
                    $0.metaInfoDef.tags = ["serve"]
                    $0.metaInfoDef.tensorflowVersion = escape
                    $0.signatureDef[escape] = .with { $0.inputs["a\n\(escape)"] = .with { $0.name = escape } }
                }
            ]
        }
        let folder = SavedModelFolder(path: "/does/not/exist")
        let text = ModelDescription(try SavedModel(decoding: try model.serializedBytes()), folder: folder).description
        #expect(!text.contains("\u{1b}"))
        #expect(text.contains(#"signature \u{1b}[2J"#))
        #expect(text.contains(#"input  a\u{a}"#))
        let other = #expect(throws: SavedModelError.self) { try SavedModel(decoding: try model.serializedBytes(), tags: ["train"]) }
        #expect(other?.message.contains("{serve}") == true)
    }

    @Test("one long cell of a description does not widen every row")
    func wideTable() throws {
        let model = Tensorflow_SavedModel.with {
            $0.metaGraphs = [
                .with {
                    $0.metaInfoDef.tags = ["serve"]
                    $0.signatureDef["s"] = .with {
                        $0.inputs[String(repeating: "k", count: 10_000)] = .with { $0.name = "a:0" }
                        for number in 0..<100 { $0.inputs["i\(number)"] = .with { $0.name = "b:0" } }
                    }
                }
            ]
        }
        let folder = SavedModelFolder(path: "/does/not/exist")
        let text = ModelDescription(try SavedModel(decoding: try model.serializedBytes()), folder: folder).description
        #expect(text.utf8.count < 30_000)
    }

    @Test("a graph that shuts out this TensorFlow, or has versions below zero, is refused", arguments: [(-1, 0, 0), (0, -1, 0), (0, 0, 2474)])
    func versions(producer: Int32, minimumConsumer: Int32, badConsumer: Int32) throws {
        var definition = Tensorflow_GraphDef.with { $0.node = [SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])] }
        definition.versions.producer = producer
        definition.versions.minConsumer = minimumConsumer
        definition.versions.badConsumers = badConsumer == 0 ? [] : [1, badConsumer]
        let converter = GraphConverter(
            try GraphIndex(decoding: try definition.serializedBytes()), options: ConversionOptions(outputs: [TensorSelection(tensor: "y")]))
        let failure = #expect(throws: SavedModelError.self) { try converter.convert(catalog: EverydayOperations()) }
        #expect(failure?.code == .version)
    }

    @Test("a call of a function that the graph does not carry is refused by the node's name", arguments: [true, false])
    func missingFunction(isThere: Bool) throws {
        let call = SmallGraph.node(
            "y", "PartitionedCall", ["x"],
            [
                "f": .with { $0.func.name = "double" }, "Tin": .with { $0.list.type = [.dtFloat] }, "Tout": .with { $0.list.type = [.dtFloat] },
            ])
        var definition = Tensorflow_GraphDef.with { $0.node = [SmallGraph.placeholder("x"), call] }
        if isThere { definition.library.function = [.with { $0.signature.name = "double" }] }
        let bytes: [UInt8] = try definition.serializedBytes()
        if isThere {
            #expect(try self.convert(bytes, outputs: "y").nodeNames == ["x", "y"])
        } else {
            let failure = #expect(throws: SavedModelError.self) { try self.convert(bytes, outputs: "y") }
            #expect(failure?.code == .badNode)
            #expect(failure?.message.contains("\"y\" calls function \"double\"") == true)
        }
    }

    @Test("an unknown operation in a library function is refused")
    func functionBody() throws {
        var definition = Tensorflow_GraphDef.with { $0.node = [SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])] }
        definition.library.function = [.with { $0.nodeDef = [SmallGraph.node("z", "NoSuchOp")] }]
        let converter = GraphConverter(
            try GraphIndex(decoding: try definition.serializedBytes()), options: ConversionOptions(outputs: [TensorSelection(tensor: "y")]))
        let failure = #expect(throws: SavedModelError.self) { try converter.convert(catalog: EverydayOperations()) }
        #expect(failure?.code == .unknownOperation)
        #expect(failure?.message.contains("library function") == true)
    }

    @Test("the entries of a signature go out in the order of their keys' bytes")
    func order() throws {
        let bytes = try SmallGraph.graph([SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])])
        let keys = ["Z", "a", "b", "c", "d", "e", "z", "\u{e4}"]
        let options = ConversionOptions(outputs: keys.reversed().map { TensorSelection(key: "key.\($0)", tensor: "y") })
        let text = String(decoding: try ConvertedModel(decoding: bytes, options: options).encode(), as: UTF8.self)
        #expect(text.split(separator: "key.").dropFirst().map { String($0.prefix(1)) } == keys)
    }

    @Test(
        "string and complex constants that contradict their shape are refused",
        arguments: [
            ([2, 1, 97, 98, 99], true), ([2, 1, 97, 98, 99, 100], false), ([2, 1, 97, 98], false), ([2, 1, 97], false), ([2], false), ([0, 0], true),
            ([255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0], false),
        ] as [([UInt8], Bool)])
    func stringContent(content: [UInt8], isSound: Bool) throws {
        var tensor = Tensorflow_TensorProto.with { $0.tensorContent = .init(content) }
        tensor.dtype = .dtString
        tensor.tensorShape.dim = [.with { $0.size = 2 }]
        let bytes = GraphBytes(try tensor.serializedBytes())
        let value = try ConstantValue(bytes, pieces: [0..<bytes.count])
        #expect((value.fault(declared: .string, in: bytes) == nil) == isSound)

        let odd = GraphBytes(
            try Tensorflow_TensorProto.with {
                $0.dtype = .dtComplex64
                $0.scomplexVal = [1, 2, 3]
                $0.tensorShape.dim = [.with { $0.size = 2 }]
            }.serializedBytes())
        #expect(try ConstantValue(odd, pieces: [0..<odd.count]).fault(declared: nil, in: odd)?.contains("odd") == true)
    }

    @Test("fields that protobuf cannot have, and a message of unknown fields alone, are no graph")
    func foreignFields() throws {
        // Field number 2^29 as a varint field.
        for bytes: [UInt8] in [[0x80, 0x80, 0x80, 0x80, 0x10, 0x00], [0x00, 0x00], [0x3a, 0x00]] {
            let failure = #expect(throws: SavedModelError.self) { try GraphIndex(decoding: bytes) }
            #expect(failure?.code == .notAGraph)
            #expect(failure?.message.contains("no nodes") == (bytes[0] == 0x3a))
        }
    }

    @Test("tensors of types that cannot leave a session are no inputs or outputs", arguments: [Tensorflow_DataType.dtResource, .dtVariant])
    func handles(type: Tensorflow_DataType) throws {
        let bytes = try SmallGraph.graph([
            SmallGraph.placeholder("x", type), SmallGraph.node("y", "Identity", ["x"], ["T": .with { $0.type = type }]),
        ])
        let failure = #expect(throws: SavedModelError.self) { try self.convert(bytes, outputs: "y") }
        #expect(failure?.code == .unknownType)
    }

    @Test("a negative version is refused before anything is made")
    func negativeVersion() throws {
        let model = try self.convert(try SmallGraph.graph([SmallGraph.placeholder("x"), SmallGraph.float("y", "Relu", ["x"])]), outputs: "y")
        let failure = #expect(throws: SavedModelError.self) { try model.write(to: "/does/not/exist", version: -1, replacing: false) }
        #expect(failure?.code == .badOption)
    }
}
