// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Refuses each value: the data type has no form in JSON.
///
/// A list of no values passes, as it does in TensorFlow Serving.
struct UnsupportedValues: TensorValues {
    let dataType: DataType
    var count: Int { 0 }

    mutating func append(_ index: Int, of document: JSONDocument) throws(RequestError) {
        let value = JSONValue(document: document, index: index)
        if value.isObject { throw .wrongType(value, self.dataType) }
        throw RequestError(.unimplemented, "Conversion of JSON Value: \(value) to type: \(self.dataType.shortName)")
    }

    func tensor(shape: [Int]) throws -> Tensor {
        // Only reached without values, so there is nothing to fill in.
        try unsafe Tensor(dataType: self.dataType.base, shape: shape) { _ in }
    }
}

extension DataType {
    /// Something to collect elements of this type in.
    var emptyValues: any TensorValues {
        // Reference types of old graphs stand for values of the type itself.
        switch self.base {
        case .float: NumberValues<Float>()
        case .double: NumberValues<Double>()
        case .int32: NumberValues<Int32>()
        case .int16: NumberValues<Int16>()
        case .int8: NumberValues<Int8>()
        case .uint8: NumberValues<UInt8>()
        case .int64: NumberValues<Int64>()
        case .uint32: NumberValues<UInt32>()
        case .uint64: NumberValues<UInt64>()
        case .bool: NumberValues<BooleanScalar>()
        case .string: StringValues()
        default: UnsupportedValues(dataType: self)
        }
    }
}
