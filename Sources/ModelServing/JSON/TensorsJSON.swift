// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// The outputs of a predict request in JSON.
struct TensorsJSON {
    private let outputs: [(alias: String, elements: TensorElements)]

    /// Takes the outputs by alias.
    ///
    /// - Throws: a ``RequestError`` when there is none.
    init(_ outputs: [(alias: String, tensor: Tensor)]) throws(RequestError) {
        guard !outputs.isEmpty else { throw RequestError(.invalidArgument, "Cannot convert empty tensor map to JSON") }
        self.outputs = outputs.map { ($0.alias, TensorElements($0.tensor, alias: $0.alias)) }
    }

    /// The answer to a request of the same format.
    ///
    /// - Throws: a ``RequestError`` for data types that have no form in JSON, and outputs that make no rows where rows are wanted.
    func text(_ format: PredictJSON.Format) throws(RequestError) -> [UInt8] {
        let rowCount: Int? = if case .row = format { try self.batchSize() } else { nil }
        for (_, elements) in self.outputs { try elements.checkDataType() }
        return if let rowCount { self.rows(rowCount) } else { self.columns() }
    }

    /// `predictions`: one element for each row, of one value or an object of named ones.
    private func rows(_ count: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.write("{\n    \"predictions\": [")
        var cursors = self.outputs.map { _ in 0 }
        for row in 0..<count {
            if row > 0 { writer.write(",") }
            if self.outputs.count == 1 {
                if row > 0 { writer.write(" ") }
                self.outputs[0].elements.write(to: &writer, dimension: 1, at: &cursors[0])
                continue
            }
            writer.write("\n        {")
            for index in self.outputs.indices {
                writer.write(index > 0 ? ",\n            " : "\n            ")
                writer.write(string: self.outputs[index].alias.utf8)
                writer.write(": ")
                self.outputs[index].elements.write(to: &writer, dimension: 1, at: &cursors[index])
            }
            writer.write("\n        }")
        }
        writer.write("\n    ]\n}")
        return writer.bytes
    }

    /// The first dimension, which all outputs must share.
    private func batchSize() throws(RequestError) -> Int {
        var size: Int?
        for (alias, elements) in self.outputs {
            guard let first = elements.shape.first else {
                throw RequestError(.invalidArgument, "Tensor name: \(alias) has no shape information ")
            }
            if let size, size != first {
                throw RequestError(.invalidArgument, "Tensor name: \(alias) has inconsistent batch size: \(first) expecting: \(size)")
            }
            size = first
        }
        return size ?? 0
    }

    /// `outputs`: one tensor, or an object of named ones.
    private func columns() -> [UInt8] {
        var writer = JSONWriter()
        writer.write("{\n    \"outputs\": ")
        if self.outputs.count == 1 {
            self.write(0, to: &writer)
        } else {
            writer.write("{")
            for index in self.outputs.indices {
                writer.write(index > 0 ? ",\n        " : "\n        ")
                writer.write(string: self.outputs[index].alias.utf8)
                writer.write(": ")
                self.write(index, to: &writer)
            }
            writer.write("\n    }")
        }
        writer.write("\n}")
        return writer.bytes
    }

    private func write(_ index: Int, to writer: inout JSONWriter) {
        var cursor = 0
        self.outputs[index].elements.write(to: &writer, dimension: 0, at: &cursor)
    }
}
