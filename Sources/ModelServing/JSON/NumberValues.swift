// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Collects numbers as they lie in a tensor's memory.
struct NumberValues<Scalar: JSONScalar>: TensorValues {
    private var values: [Scalar] = []

    var count: Int { self.values.count }

    mutating func append(_ index: Int, of document: JSONDocument) throws(RequestError) {
        guard let value = Scalar(document.tokens[index], of: document) else {
            throw .wrongType(JSONValue(document: document, index: index), Scalar.tensorDataType)
        }
        self.values.append(value)
    }

    func tensor(shape: [Int]) throws -> Tensor { try Tensor(self.values, shape: shape) }
}

/// An element of a tensor that JSON can hold.
protocol JSONScalar: TensorScalar {
    /// Takes a JSON value; `nil` when it is of another type or beyond this type's range.
    init?(_ token: JSONToken, of document: JSONDocument)
}

extension Float: JSONScalar {
    init?(_ token: JSONToken, of document: JSONDocument) {
        guard token.isNumber else { return nil }
        // Through a double and without complaint about its range, as TensorFlow Serving does.
        self.init(document.double(token))
    }
}

extension Double: JSONScalar {
    init?(_ token: JSONToken, of document: JSONDocument) {
        guard token.isNumber else { return nil }
        self = document.double(token)
    }
}

extension JSONScalar where Self: FixedWidthInteger {
    init?(_ token: JSONToken, of document: JSONDocument) {
        guard let value = document.integer(token, as: Self.self) else { return nil }
        self = value
    }
}

extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}

/// A boolean as TensorFlow keeps it: one byte, 0 or 1.
struct BooleanScalar: JSONScalar {
    static var tensorDataType: DataType { .bool }
    private let byte: UInt8

    init?(_ token: JSONToken, of document: JSONDocument) {
        switch token.kind {
        case .true: self.byte = 1
        case .false: self.byte = 0
        default: return nil
        }
    }
}
