// SPDX-License-Identifier: Apache-2.0

package import SavedModels

/// Makes a tensor of a picture with TensorFlow's own decoders.
package struct PictureDecoder: Sendable {
    private let library: TensorFlowLibrary
    private let graph: ImageGraph

    package init(_ graph: ImageGraph, library: TensorFlowLibrary) {
        self.graph = graph
        self.library = library
    }

    /// Decodes a file's bytes; TensorFlow computes on its own threads.
    ///
    /// - Throws: ``TensorFlowError`` for bytes that are no picture.
    package func tensor(of bytes: [UInt8]) async throws -> Tensor {
        let (library, graph) = (self.library, try self.graph.encode())
        return try await library.workers.perform {
            let core = try SessionCore(library: library, graphDef: graph, options: SessionOptions())
            defer { core.destroy() }
            let contents = try Tensor(strings: [bytes], shape: [])
            return try core.run(feeds: [(ImageGraph.input, contents)], fetches: [ImageGraph.output], timeoutMilliseconds: nil)[0]
        }
    }
}
