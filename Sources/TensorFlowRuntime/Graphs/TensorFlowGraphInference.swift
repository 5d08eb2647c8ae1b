// SPDX-License-Identifier: Apache-2.0

internal import CTensorFlow
package import SavedModels

/// TensorFlow's own opinion of the types and shapes of a graph's tensors.
package struct TensorFlowGraphInference: GraphInference {
    private let library: TensorFlowLibrary

    package init(library: TensorFlowLibrary) { self.library = library }

    /// Imports a serialised GraphDef and returns what TensorFlow infers of each tensor; blocks.
    ///
    /// - Throws: ``TensorFlowError``: TensorFlow's refusal of the graph, or `unknown-tensor`.
    package func outputs(of graphDef: [UInt8], tensors: [String]) throws -> [(DataType, TensorShape)] {
        let graph = try ImportedGraph(graphDef, library: self.library)
        return try tensors.map { try graph.typeAndShape(of: $0) }
    }
}

/// A graph that was imported and can't be run.
@safe
private final class ImportedGraph {
    private let library: TensorFlowLibrary
    private let graph: OpaquePointer

    init(_ graphDef: [UInt8], library: TensorFlowLibrary) throws(TensorFlowError) {
        self.library = library
        unsafe self.graph = try library.newGraph(importing: graphDef)
    }

    deinit { unsafe self.library.functions.DeleteGraph(self.graph) }

    func typeAndShape(of text: String) throws(TensorFlowError) -> (DataType, TensorShape) {
        let name = try TensorName(text)
        let functions = self.library.functions
        guard let operation = unsafe functions.GraphOperationByName(self.graph, name.operation),
            name.port < Int(unsafe functions.OperationNumOutputs(operation))
        else {
            throw TensorFlowError(.invalidArgument, "unknown-tensor", "the graph has no tensor \(text)")
        }
        let output = unsafe TF_Output(operation: operation, index: Int32(name.port))
        let dataType = DataType(rawValue: unsafe functions.OperationOutputType(output))
        let rank = try unsafe self.library.checked { unsafe functions.GraphGetTensorNumDims(self.graph, output, $0) }
        guard rank >= 0 else { return (dataType, .unknownRank) }
        var dimensions = [Int64](repeating: -1, count: Int(rank))
        try unsafe self.library.checked { unsafe functions.GraphGetTensorShape(self.graph, output, &dimensions, rank, $0) }
        return (dataType, TensorShape(dimensions.map { Int($0) }))
    }
}

extension TensorFlowLibrary {
    /// Imports a serialised GraphDef; the graph is the caller's to delete.
    ///
    /// - Throws: ``TensorFlowError``: TensorFlow's refusal of the graph.
    func newGraph(importing graphDef: [UInt8]) throws(TensorFlowError) -> OpaquePointer {
        let functions = self.functions
        guard let graph = functions.NewGraph(), let options = functions.NewImportGraphDefOptions() else {
            throw TensorFlowError(.resourceExhausted, "tensorflow-out-of-memory", "TensorFlow could not make a graph")
        }
        defer { unsafe functions.DeleteImportGraphDefOptions(options) }
        let result: Result<Void, TensorFlowError> = unsafe graphDef.withUnsafeBytes { bytes in
            // Sound: TensorFlow reads the buffer during the call only, and the missing release function leaves the bytes to us.
            var buffer = unsafe TF_Buffer(data: bytes.baseAddress, length: bytes.count, release: nil)
            do throws(TensorFlowError) {
                return .success(try unsafe self.checked { unsafe functions.GraphImportGraphDef(graph, &buffer, options, $0) })
            } catch {
                return .failure(error)
            }
        }
        do {
            try result.get()
        } catch {
            unsafe functions.DeleteGraph(graph)
            throw error
        }
        return unsafe graph
    }
}
