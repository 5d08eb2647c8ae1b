// SPDX-License-Identifier: Apache-2.0

import Foundation
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

@Suite("Optimising the frozen graphs of the shared vectors", .enabled(if: GraphVectors.exist))
struct OptimizationVectorTests {
    private func nodes(_ vector: GraphVectors.Vector, threshold: Int?) throws -> [Tensorflow_NodeDef] {
        var options = vector.options
        options.variableThreshold = threshold
        let model = try ConvertedModel(decoding: try vector.bytes(), options: options)
        let metaGraph = try #require(try Tensorflow_SavedModel(serializedBytes: model.encode()).metaGraphs.first)
        return metaGraph.graphDef.node
    }

    @Test("exactly the wanted nodes are left", arguments: GraphVectors.valid)
    func nodes(vector: GraphVectors.Vector) throws {
        let found = try nodes(vector, threshold: nil)
        guard let wanted = vector.optimize?.nodes else {
            #expect(vector.optimize?.rule != nil)
            return
        }
        #expect(
            Set(found.map { GraphVectors.Vector.Optimized.Node(name: $0.name, op: $0.op, inputs: $0.input) }) == Set(wanted))
        #expect(found.count == wanted.count)
    }

    @Test("where folding would change another answer, nothing is folded", arguments: GraphVectors.valid.filter { $0.optimize?.rule == "forbidden" })
    func forbidden(vector: GraphVectors.Vector) throws {
        let model = try ConvertedModel(decoding: try vector.bytes(), options: vector.options)
        #expect(model.foldedCount == 0)
        #expect(Set(model.nodeNames).isSuperset(of: ["conv", "bn"]))
    }

    @Test("library and versions survive", arguments: GraphVectors.valid)
    func libraryAndVersions(vector: GraphVectors.Vector) throws {
        let original = try vector.graph()
        let model = try ConvertedModel(decoding: try vector.bytes(), options: vector.options)
        let graph = try #require(try Tensorflow_SavedModel(serializedBytes: model.encode()).metaGraphs.first).graphDef
        #expect(graph.library == original.library)
        #expect(graph.versions == original.versions)
    }

    @Test("each moved constant is read under its own name from a handle of its own, and restored", arguments: GraphVectors.valid)
    func variables(vector: GraphVectors.Vector) throws {
        let nodes = try nodes(vector, threshold: 1)
        let byName = Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0) })
        let handles = nodes.filter { $0.op == "VarHandleOp" }
        #expect(Set(handles.map { String(decoding: $0.attr["shared_name"]?.s ?? Data(), as: UTF8.self) }).count == handles.count)
        for read in nodes where read.op == "ReadVariableOp" {
            let handle = try #require(byName[read.input[0]])
            #expect(String(decoding: handle.attr["shared_name"]?.s ?? Data(), as: UTF8.self) == read.name)
            #expect(handle.attr["dtype"] == read.attr["dtype"])
            #expect(nodes.contains { $0.op == "AssignVariableOp" && $0.input[0] == handle.name })
        }
        let restored = nodes.first { $0.op == "RestoreV2" }?.attr["dtypes"]?.list.type.count ?? 0
        #expect(restored == handles.count)
        #expect(nodes.allSatisfy { node in node.op != "Const" || node.attr["dtype"]?.type != .dtFloat })
    }

    @Test("a second conversion gives the same files", arguments: GraphVectors.valid, [1, 1 << 16])
    func determinism(vector: GraphVectors.Vector, threshold: Int) throws {
        let scratch = try ScratchFolder()
        var options = vector.options
        options.variableThreshold = threshold
        for name in ["first", "second"] {
            try ConvertedModel(decoding: try vector.bytes(), options: options).write(to: scratch.file(name), version: 1, replacing: false)
        }
        let files = scratch.contents.filter { $0.hasPrefix("first/1/") }
        #expect(files.count >= 2)
        for file in files where file.contains("saved_model") || file.contains("variables/") {
            let other = file.replacing("first/", with: "second/")
            #expect(try FileBytes.read(scratch.file(file)) == FileBytes.read(scratch.file(other)), "\(file)")
        }
    }

    @Test("cut at any length, a graph gives a named error or what is left of it", arguments: GraphVectors.valid.filter { $0.id != "as-variables" })
    func truncation(vector: GraphVectors.Vector) throws {
        let bytes = try vector.bytes()
        var options = vector.options
        options.variableThreshold = 1
        for length in 0..<bytes.count {
            do {
                _ = try ConvertedModel(decoding: Array(bytes.prefix(length)), options: options).encode()
            } catch {
                #expect(error is SavedModelError, "length \(length): \(error)")
            }
        }
    }
}
