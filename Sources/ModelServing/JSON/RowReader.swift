// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Reads `instances`: the elements of a list, each a value for every input, into one tensor an input.
struct RowReader {
    /// One input and the rows that were read of it.
    private struct Input {
        let name: String
        var values: any TensorValues
        /// The shape of each row, set by the first.
        var shape: [Int]?
        /// How many values each row has, set by the first.
        var size = 0
    }

    private let document: JSONDocument
    private var inputs: [Input]

    static func read(_ instances: JSONValue, types: [(key: String, value: DataType)]) throws(RequestError) -> [(name: String, tensor: Tensor)] {
        var reader = RowReader(
            document: instances.document, inputs: types.map { Input(name: $0.key, values: $0.value.emptyValues) })
        let first = JSONValue(document: instances.document, index: instances.index + 1)
        guard first.isObject || types.count == 1 else {
            throw RequestError(
                .invalidArgument,
                "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map")
        }
        try reader.readRows(instances, areObjects: first.isObject && first.base64Text == nil)
        return try reader.tensors(rows: Int(instances.token.count))
    }

    private mutating func readRows(_ instances: JSONValue, areObjects: Bool) throws(RequestError) {
        var index = instances.index + 1
        for row in 0..<Int(instances.token.count) {
            let token = self.document.tokens[index]
            let isObject = token.kind == .object && JSONValue(document: self.document, index: index).base64Text == nil
            guard isObject == areObjects else {
                throw RequestError(
                    .invalidArgument,
                    areObjects
                        ? "Expecting object but got list at item \(row) of input list"
                        : "Expecting value/list but got object at item \(row) of input list")
            }
            if areObjects {
                try self.readObject(JSONValue(document: self.document, index: index), row: row)
            } else {
                do throws(RequestError) {
                    try self.read(index, into: 0)
                } catch {
                    throw RequestError(
                        .invalidArgument, "Failed to process element: \(row) of 'instances' list. Error: \(error.statusText)")
                }
            }
            index = Int(token.next)
        }
    }

    /// Reads an object, which must have exactly the signature's inputs as members; of two of a name the first counts.
    private mutating func readObject(_ object: JSONValue, row: Int) throws(RequestError) {
        var isSet = [Bool](repeating: false, count: self.inputs.count)
        for (bytes, value) in object.members {
            let name = String(decoding: bytes, as: UTF8.self)
            do throws(RequestError) {
                guard let input = self.inputs.firstIndex(where: { $0.name == name }) else {
                    throw RequestError(.invalidArgument, "JSON object: does not have named input: \(name)")
                }
                guard !isSet[input] else { continue }
                isSet[input] = true
                try self.read(value.index, into: input)
            } catch {
                throw RequestError(
                    .invalidArgument, "Failed to process element: \(row) key: \(name) of 'instances' list. Error: \(error.statusText)")
            }
        }
        guard isSet.allSatisfy(\.self) else {
            throw RequestError(
                .invalidArgument,
                "Failed to process element: \(row) of 'instances' list. JSON object: \(object) keys must be equal to: "
                    + self.inputs.map(\.name).joined(separator: ","))
        }
    }

    /// Appends one row of one input.
    private mutating func read(_ index: Int, into input: Int) throws(RequestError) {
        let shape = JSONValue(document: self.document, index: index).denseShape
        try PredictJSON.checkRank(shape, name: self.inputs[input].name)
        let before = self.inputs[input].values.count
        try self.inputs[input].values.fill(index, of: self.document, level: 0, shape: shape)
        let size = self.inputs[input].values.count - before
        guard let expected = self.inputs[input].shape else {
            self.inputs[input].shape = shape
            self.inputs[input].size = size
            return
        }
        guard size == self.inputs[input].size else {
            throw RequestError(.invalidArgument, "Expecting tensor size: \(self.inputs[input].size) but got: \(size)")
        }
        guard shape == expected else { throw RequestError(.invalidArgument, "Expecting shape \(Self.text(expected)) but got: \(Self.text(shape))") }
    }

    private static func text(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ","))]" }

    private func tensors(rows: Int) throws(RequestError) -> [(name: String, tensor: Tensor)] {
        var tensors: [(name: String, tensor: Tensor)] = []
        // An input without rows is one beside a plain list for the first; the session tells that it is missing.
        for input in self.inputs {
            guard let shape = input.shape else { continue }
            tensors.append((input.name, try PredictJSON.tensor(input.values, shape: [rows] + shape, name: input.name)))
        }
        return tensors
    }
}
