// SPDX-License-Identifier: Apache-2.0

/// A graph to compare a converted model with: placeholders stand for its big constants.
package struct ReferenceGraph: Sendable {
    /// A constant that has to be fed.
    package struct Constant: Sendable {
        /// Name of the tensor to feed, `node:0`.
        package let tensorName: String
        package let dataType: DataType
        package let shape: [Int]
        private let content: TensorContent
        private let source: GraphBytes

        init(_ detached: EditedGraph.Detached, source: GraphBytes) {
            self.tensorName = "\(detached.name):0"
            self.dataType = detached.value.dataType
            self.shape = detached.value.shape.dimensions ?? []
            self.content = detached.value.content
            self.source = source
        }

        /// Hands out its bytes in order, little-endian.
        package func forEachChunk(_ body: (Span<UInt8>) throws -> Void) throws {
            try self.content.forEachChunk(in: self.source, body)
        }
    }

    /// The graph, serialized.
    package let graphDef: [UInt8]
    package let constants: [Constant]
}
