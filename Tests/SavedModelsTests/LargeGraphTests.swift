// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

@testable import SavedModels

/// Graphs in files, and graphs that no protobuf message can hold.
@Suite("Graphs read where they lie")
struct LargeGraphTests {
    /// A constant of so many zeros: the node up to its elements, which a file may leave as a hole.
    private static func head(_ name: String, elements: Int) -> [UInt8] {
        func outer(_ field: Int, _ fields: [UInt8], then rest: Int) -> [UInt8] {
            var writer = WireWriter()
            writer.writeHead(field: field, length: fields.count + rest)
            return writer.bytes + fields
        }
        let rest = elements * 4
        var tensor = WireWriter()
        tensor.write(field: 1, varint: 1)
        tensor.write(field: 2) { shape in shape.write(field: 2) { $0.write(field: 1, varint: UInt64(elements)) } }
        tensor.writeHead(field: 4, length: rest)
        var key = WireWriter()
        key.write(field: 1, text: "value")
        var node = WireWriter()
        node.write(field: 1, text: name)
        node.write(field: 2, text: "Const")
        let value = outer(8, tensor.bytes, then: rest)
        let entry = outer(5, key.bytes + outer(2, value, then: rest), then: rest)
        return outer(1, node.bytes + entry, then: rest)
    }

    /// Writes `y = x + sum of constants`, each of so many elements.
    private static func write(to path: String, constants: Int, elements: Int) throws {
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let names = (0..<constants).map { "w\($0)" }
        for name in names {
            try file.write(contentsOf: Data(Self.head(name, elements: elements)))
            try file.seek(toOffset: file.offset() + UInt64(elements * 4))
        }
        var sum = SmallGraph.float("y", "AddN", ["x"] + names)
        sum.attr["N"] = .with { $0.i = Int64(1 + names.count) }
        try file.write(contentsOf: Data(try SmallGraph.graph([SmallGraph.placeholder("x", .dtFloat, [Int64(elements)]), sum])))
    }

    private static let options = ConversionOptions(outputs: [TensorSelection(tensor: "y")])

    @Test("above 2 GiB the graph is refused with the way out, which works")
    func aboveTheLimit() throws {
        let scratch = try ScratchFolder()
        let elements = 300_000_000
        try Self.write(to: scratch.file("graph.pb"), constants: 2, elements: elements)
        let index = try GraphIndex(contentsOfFile: scratch.file("graph.pb"))
        #expect(index.bytes.count > SavedModel.maximumSize)
        let failure = #expect(throws: SavedModelError.self) { try GraphConverter(index, options: Self.options.keepingGraph).convert() }
        #expect(failure?.code == .tooLarge)
        #expect(failure?.remedy?.contains("--as-variables") == true)

        let model = try GraphConverter(index, options: Self.options).convert()
        #expect(model.size < 4096)
        #expect(model.variableBytes == 2 * elements * 4)
        #expect(model.signature.outputs["y"]?.shape == TensorShape([elements]))
    }

    @Test("above what positions can tell the graph is refused")
    func aboveAll() throws {
        let scratch = try ScratchFolder()
        try Self.write(to: scratch.file("graph.pb"), constants: 2, elements: 536_870_911)
        let failure = #expect(throws: SavedModelError.self) { try GraphIndex(contentsOfFile: scratch.file("graph.pb")) }
        #expect(failure?.code == .tooLarge)
    }

    @Test("a graph in a file gives the files that it gives in memory", arguments: [true, false])
    func sameFiles(keepsGraph: Bool) throws {
        let scratch = try ScratchFolder()
        // Large enough to be copied by the system.
        try Self.write(to: scratch.file("graph.pb"), constants: 3, elements: 100_000)
        let options = keepsGraph ? Self.options.keepingGraph : Self.options
        let bytes = try FileBytes.read(scratch.file("graph.pb"))
        try ConvertedModel(decoding: bytes, options: options).write(to: scratch.file("memory"), version: 1, replacing: false)
        try GraphConverter(GraphIndex(contentsOfFile: scratch.file("graph.pb")), options: options).convert()
            .write(to: scratch.file("file"), version: 1, replacing: false)
        let files = scratch.contents.filter { $0.hasPrefix("memory/1/") && $0 != "memory/1/variables" }
        #expect(files.count == (keepsGraph ? 1 : 3))
        for file in files {
            #expect(try FileBytes.read(scratch.file(file)) == FileBytes.read(scratch.file(file.replacing("memory/", with: "file/"))), "\(file)")
        }
        let model = try ConvertedModel(decoding: bytes, options: options)
        #expect(try FileBytes.read(scratch.file("file/1/saved_model.pb")) == model.encode())
    }

    @Test("an empty file is an empty graph")
    func empty() throws {
        let scratch = try ScratchFolder()
        try scratch.write([], to: "empty.pb")
        #expect(try GraphIndex(contentsOfFile: scratch.file("empty.pb")).nodes.isEmpty)
    }
}
