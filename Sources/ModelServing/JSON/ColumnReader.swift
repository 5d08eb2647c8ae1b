// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Reads `inputs`: a tensor for each input of the signature.
enum ColumnReader {
    static func read(_ columns: JSONValue, types: [(key: String, value: DataType)]) throws(RequestError) -> [(name: String, tensor: Tensor)] {
        guard columns.isObject, columns.base64Text == nil else {
            guard types.count == 1 else {
                throw RequestError(
                    .invalidArgument,
                    "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map")
            }
            return [(types[0].key, try Self.tensor(columns, name: types[0].key, type: types[0].value))]
        }
        var tensors: [(name: String, tensor: Tensor)] = []
        for (name, type) in types {
            guard let value = columns[name] else { throw RequestError(.invalidArgument, "Missing named input: \(name) in 'inputs' object.") }
            tensors.append((name, try Self.tensor(value, name: name, type: type)))
        }
        return tensors
    }

    private static func tensor(_ value: JSONValue, name: String, type: DataType) throws(RequestError) -> Tensor {
        let shape = value.denseShape
        try PredictJSON.checkRank(shape, name: name)
        var values = type.emptyValues
        try values.fill(value.index, of: value.document, level: 0, shape: shape)
        return try PredictJSON.tensor(values, shape: shape, name: name)
    }
}
