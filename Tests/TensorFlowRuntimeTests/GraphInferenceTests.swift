// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime
import Testing

@Suite("What TensorFlow infers of a graph", .enabled(if: Engine.isInstalled))
struct GraphInferenceTests {
    @Test("types and shapes of tensors")
    func inference() throws {
        let inference = TensorFlowGraphInference(library: try Engine.library())
        let results = try inference.outputs(of: TinyModel.graph(TinyModel.identity(.int64)), tensors: ["x:0", "y"])
        #expect(results.map { $0.0 } == [.int64, .int64])
        #expect(results.map { $0.1 } == [.unknownRank, .unknownRank])
    }

    @Test("tensors that are not there, and bytes that are no graph, are refused")
    func refusals() throws {
        let inference = TensorFlowGraphInference(library: try Engine.library())
        let graph = TinyModel.graph(TinyModel.identity(.int64))
        for name in ["z:0", "y:1"] {
            let error = #expect(throws: TensorFlowError.self) { try inference.outputs(of: graph, tensors: [name]) }
            #expect(error?.identifier == "unknown-tensor")
        }
        let error = #expect(throws: TensorFlowError.self) { try inference.outputs(of: Array(graph.dropLast()), tensors: ["y:0"]) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("the operations and the graph version of the library")
    func catalog() throws {
        let catalog = try TensorFlowOperationCatalog(library: try Engine.library())
        #expect(catalog.contains("MatMul"))
        #expect(catalog.contains("VarHandleOp"))
        #expect(!catalog.contains("NoSuchOperation"))
        #expect(catalog.graphVersion > 1000)
        #expect(catalog.refusedVersion(of: "BatchNormWithGlobalNormalization") == 9)
        #expect(catalog.refusedVersion(of: "MatMul") == nil)
        #expect(try catalog.hasKernel(of: "MatMul"))
        // An operation of accelerators alone.
        #expect(try !catalog.hasKernel(of: "TPUCompilationResult"))
    }
}
