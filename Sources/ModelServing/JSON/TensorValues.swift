// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Collects the elements of one input, in order, from lists of JSON values.
protocol TensorValues {
    /// How many elements there are.
    var count: Int { get }

    /// Appends one value that is no list.
    ///
    /// - Throws: a ``RequestError`` in TensorFlow Serving's words when it is of another type.
    mutating func append(_ index: Int, of document: JSONDocument) throws(RequestError)

    /// Appends the values of lists in lists, all of which must be as long as `shape` says.
    mutating func fill(_ index: Int, of document: JSONDocument, level: Int, shape: [Int]) throws(RequestError)

    /// The elements as a tensor.
    func tensor(shape: [Int]) throws -> Tensor
}

extension TensorValues {
    /// Goes through lists in lists, as deep as the shape, and appends what is in them.
    mutating func fill(_ index: Int, of document: JSONDocument, level: Int, shape: [Int]) throws(RequestError) {
        let token = document.tokens[index]
        guard token.kind == .array else {
            guard level == shape.count else {
                throw RequestError(
                    .invalidArgument,
                    "JSON Value: \(JSONValue(document: document, index: index)) found at incorrect level: \(level + 1) "
                        + "in the JSON DOM. Expected at level: \(shape.count)")
            }
            return try self.append(index, of: document)
        }
        guard level < shape.count else {
            throw RequestError(.invalidArgument, "Encountered list at unexpected level: \(level) expected < \(shape.count)")
        }
        guard Int(token.count) == shape[level] else {
            throw RequestError(
                .invalidArgument, "Encountered list at unexpected size: \(token.count) at level: \(level) expected size: \(shape[level])")
        }
        var element = index + 1
        while element < Int(token.next) {
            try self.fill(element, of: document, level: level + 1, shape: shape)
            element = Int(document.tokens[element].next)
        }
    }
}

extension DataType {
    /// TensorFlow's short name of a type, such as `float`.
    var shortName: String { self.name.hasPrefix("DT_") ? self.name.dropFirst(3).lowercased() : self.name }
}

extension RequestError {
    /// A value of another type than the input's.
    static func wrongType(_ value: JSONValue, _ dataType: DataType) -> RequestError {
        RequestError(.invalidArgument, "JSON Value: \(value) Type: \(value.typeName) is not of expected type: \(dataType.shortName)")
    }
}

extension JSONValue {
    /// The shape of a dense tensor, read along the first elements; empty for a value that is no list.
    var denseShape: [Int] {
        var shape: [Int] = []
        var index = self.index
        while self.document.tokens[index].kind == .array {
            let size = Int(self.document.tokens[index].count)
            shape.append(size)
            guard size > 0 else { break }
            index += 1
        }
        return shape
    }
}
