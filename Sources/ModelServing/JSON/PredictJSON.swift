// SPDX-License-Identifier: Apache-2.0

import SavedModels
package import TensorFlowProtos
import TensorFlowRuntime

/// The inputs of a predict request in JSON: in rows (`instances`) or in columns (`inputs`).
package struct PredictJSON {
    enum Format {
        /// One value, or one object of named values, for each example.
        case row
        /// One tensor for each input.
        case column
    }

    let format: Format
    /// The inputs by name.
    let tensors: [(name: String, tensor: Tensor)]

    /// Reads the inputs of a request.
    ///
    /// - Parameters:
    ///   - document: the request's text, an object.
    ///   - inputs: the signature's inputs, of which there is at least one.
    /// - Throws: a ``RequestError`` in TensorFlow Serving's words.
    package init(_ document: JSONDocument, inputs: [String: Tensorflow_TensorInfo]) throws(RequestError) {
        let root = document.root
        let types = inputs.mapValues { DataType(rawValue: Int32(truncatingIfNeeded: $0.dtype.rawValue)) }.sorted { $0.key < $1.key }
        switch (root["instances"], root["inputs"]) {
        case (.some, .some):
            throw RequestError(
                .invalidArgument, "JSON Value: \(root) Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ")
        case (nil, nil): throw RequestError(.invalidArgument, "Missing 'inputs' or 'instances' key")
        case (let instances?, nil):
            guard instances.isArray else {
                throw RequestError(.invalidArgument, "JSON Value: \(root) Expecting 'instances' to be an list/array")
            }
            guard instances.token.count > 0 else { throw RequestError(.invalidArgument, "JSON Value: \(root) No values in 'instances' array") }
            self.format = .row
            self.tensors = try RowReader.read(instances, types: types)
        case (nil, let columns?):
            self.format = .column
            self.tensors = try ColumnReader.read(columns, types: types)
        }
    }

    /// Makes a tensor of collected values.
    ///
    /// - Throws: a ``RequestError`` for shapes that TensorFlow cannot have, such as of more than 254 dimensions.
    static func tensor(_ values: any TensorValues, shape: [Int], name: String) throws(RequestError) -> Tensor {
        do {
            return try values.tensor(shape: shape)
        } catch {
            throw RequestError(.invalidArgument, "tensor parsing error: \(name): \(RequestError(describing: error).message)")
        }
    }

    /// Refuses lists in lists beyond what a tensor can be, before anything goes through them.
    static func checkRank(_ shape: [Int], name: String) throws(RequestError) {
        guard shape.count <= Tensor.maximumRank else {
            throw RequestError(
                .invalidArgument,
                "tensor parsing error: \(name): \(shape.count) lists in each other, a tensor has at most \(Tensor.maximumRank) dimensions")
        }
    }
}
