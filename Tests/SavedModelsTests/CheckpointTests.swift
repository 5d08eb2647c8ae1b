// SPDX-License-Identifier: Apache-2.0

import Foundation
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import TestSupport
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
    /// Constants of every type that is moved, and names that sort differently as bytes than as words.
    private static func weights(_ count: Int) -> [Tensorflow_NodeDef] {
        (0..<count).map { index in
            let names = ["a/Kernel\(index)", "a/kernel_\(index)", "B\(index)", "layer.\(index)/w"]
            let values = (0..<(index % 7 + 1)).map { Float($0 * 31 + index) / 7 }
            return SmallGraph.constant(names[index % 4], values, shape: [Int64(values.count)])
        }
    }

    /// A graph whose output needs every constant.
    private static func graph(_ weights: [Tensorflow_NodeDef]) throws -> [UInt8] {
        let sums = weights.map {
            SmallGraph.node("sum_" + $0.name, "Sum", [$0.name, "axis"], ["T": .with { $0.type = .dtFloat }, "Tidx": .with { $0.type = .dtInt32 }])
        }
        let axis = SmallGraph.node(
            "axis", "Const", [],
            [
                "dtype": .with { $0.type = .dtInt32 },
                "value": .with {
                    $0.tensor.dtype = .dtInt32
                    $0.tensor.intVal = [0]
                },
            ])
        let total = SmallGraph.node(
            "total", "AddN", ["x"] + sums.map(\.name), ["T": .with { $0.type = .dtFloat }, "N": .with { $0.i = Int64(sums.count + 1) }])
        return try SmallGraph.graph([SmallGraph.placeholder("x", .dtFloat, []), axis] + weights + sums + [total])
    }

    private static func write(_ weights: [Tensorflow_NodeDef], to folder: String) throws {
        var options = ConversionOptions(outputs: [TensorSelection(tensor: "total")])
        options.variableThreshold = 1
        let model = try ConvertedModel(decoding: try self.graph(weights), options: options)
        #expect(model.variableCount == weights.count)
        try model.write(to: folder, version: 1, replacing: false)
    }

    @Test(
        "both files are, byte for byte, what TensorFlow itself writes", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow (make tensorflow)"),
        arguments: [1, 3, 40, 5000])
    func sameAsTensorFlow(count: Int) async throws {
        let scratch = try ScratchFolder()
        let weights = Self.weights(count)
        try Self.write(weights, to: scratch.file("ours"))
        try await TensorFlowCheckpoint.save(weights, prefix: scratch.file("theirs"), scratch)
        for suffix in ["index", "data-00000-of-00001"] {
            let ours = try FileBytes.read(scratch.file("ours/1/variables/variables.\(suffix)"))
            #expect(try ours == FileBytes.read(scratch.file("theirs.\(suffix)")), "\(suffix)")
        }
    }

    @Test("a checkpoint that was written is read back whole", arguments: [1, 40, 5000])
    func roundTrip(count: Int) throws {
        let scratch = try ScratchFolder()
        let weights = Self.weights(count)
        try Self.write(weights, to: scratch.file("model"))
        let checkpoint = try Checkpoint(prefix: scratch.file("model/1/variables/variables"))
        #expect(checkpoint.tensors.map(\.name) == weights.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(try checkpoint.damagedTensor() == nil)
    }

    @Test("a flipped bit of a tensor is found by name")
    func damagedData() throws {
        let scratch = try ScratchFolder()
        try Self.write(Self.weights(3), to: scratch.file("model"))
        let prefix = scratch.file("model/1/variables/variables")
        var bytes = try FileBytes.read("\(prefix).data-00000-of-00001")
        bytes[bytes.count - 1] ^= 1
        try scratch.write(bytes, to: "model/1/variables/variables.data-00000-of-00001")
        let checkpoint = try Checkpoint(prefix: prefix)
        #expect(try checkpoint.damagedTensor() == checkpoint.tensors.last?.name)
    }

    @Test("cut at any length or flipped in any bit, an index gives a named error")
    func damagedIndex() throws {
        let scratch = try ScratchFolder()
        try Self.write(Self.weights(5), to: scratch.file("model"))
        let index = try FileBytes.read(scratch.file("model/1/variables/variables.index"))
        for length in 0..<index.count {
            let failure = #expect(throws: SavedModelError.self) { try Checkpoint(decoding: Array(index.prefix(length))) }
            #expect(failure?.code == .badCheckpoint, "length \(length)")
        }
        for position in index.indices {
            for bit in 0..<8 {
                var damaged = index
                damaged[position] ^= 1 << UInt8(bit)
                // The padding of the footer is the one place that no checksum covers.
                if let checkpoint = try? Checkpoint(decoding: damaged) { #expect(checkpoint.tensors.count == 5) }
            }
        }
    }
}

/// TensorFlow's own `SaveV2`, asked through a model made for it.
private enum TensorFlowCheckpoint {
    static func save(_ weights: [Tensorflow_NodeDef], prefix: String, _ scratch: ScratchFolder) async throws {
        let sorted = weights.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let strings = { (name: String, values: [String]) in
            SmallGraph.node(
                name, "Const", [],
                [
                    "dtype": .with { $0.type = .dtString },
                    "value": .with {
                        $0.tensor.dtype = .dtString
                        $0.tensor.tensorShape.dim = [.with { $0.size = Int64(values.count) }]
                        $0.tensor.stringVal = values.map { Data($0.utf8) }
                    },
                ])
        }
        let save = SmallGraph.node(
            "save", "SaveV2", ["prefix", "names", "slices"] + sorted.map(\.name),
            ["dtypes": .with { $0.list.type = sorted.map { _ in .dtFloat } }])
        let nodes =
            sorted + [
                SmallGraph.placeholder("prefix", .dtString, []), strings("names", sorted.map(\.name)), strings("slices", sorted.map { _ in "" }),
                save,
                SmallGraph.node("done", "Identity", ["prefix", "^save"], ["T": .with { $0.type = .dtString }]),
            ]
        let model = Tensorflow_SavedModel.with {
            $0.metaGraphs = [
                .with {
                    $0.metaInfoDef.tags = ["serve"]
                    $0.graphDef.node = nodes
                    $0.graphDef.versions.producer = 1882
                }
            ]
        }
        try scratch.write(try model.serializedBytes(), to: "saver/saved_model.pb")
        let session = try await Session(library: try TensorFlowLibrary.load(), savedModelDirectory: scratch.file("saver"))
        _ = try await session.run(feeds: [("prefix:0", try Tensor(strings: [Array(prefix.utf8)], shape: []))], fetches: ["done:0"])
        await session.close()
    }
}
