// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// A tensor's elements, ready to be written as JSON lists.
struct TensorElements {
    private enum Elements {
        case float([Float]), double([Double])
        case int8([Int8]), int16([Int16]), int32([Int32]), int64([Int64])
        case uint8([UInt8]), uint32([UInt32]), uint64([UInt64])
        case bool([UInt8])
        case strings([[UInt8]])
        /// Strings that are written as base64.
        case bytes([[UInt8]])
        /// Of a data type that has no form in JSON.
        case unsupported
    }

    /// Outputs whose alias ends so hold bytes and not text.
    private static let bytesSuffix = "_bytes"

    let shape: [Int]
    private let dataType: DataType
    private let elements: Elements

    /// Takes a tensor's elements.
    init(_ tensor: Tensor, alias: String) {
        self.shape = tensor.shape
        self.dataType = tensor.dataType
        self.elements = Self.elements(of: tensor, areBytes: alias.hasSuffix(Self.bytesSuffix)) ?? .unsupported
    }

    /// Checks that there is a form in JSON for each of the elements; where there are none, any data type will do.
    ///
    /// - Throws: a ``RequestError`` in TensorFlow Serving's words.
    func checkDataType() throws(RequestError) {
        guard case .unsupported = self.elements, !self.shape.contains(0) else { return }
        throw RequestError(.invalidArgument, "Failed to write JSON value for tensor type: \(self.dataType.shortName)")
    }

    private static func elements(of tensor: Tensor, areBytes: Bool) -> Elements? {
        switch tensor.dataType {
        case .float: tensor.values(as: Float.self).map(Elements.float)
        case .double: tensor.values(as: Double.self).map(Elements.double)
        case .int8: tensor.values(as: Int8.self).map(Elements.int8)
        case .int16: tensor.values(as: Int16.self).map(Elements.int16)
        case .int32: tensor.values(as: Int32.self).map(Elements.int32)
        case .int64: tensor.values(as: Int64.self).map(Elements.int64)
        case .uint8: tensor.values(as: UInt8.self).map(Elements.uint8)
        case .uint32: tensor.values(as: UInt32.self).map(Elements.uint32)
        case .uint64: tensor.values(as: UInt64.self).map(Elements.uint64)
        case .bool: .bool(tensor.withBytes { bytes in bytes.indices.map { bytes[$0] } })
        case .string: tensor.strings.map { areBytes ? .bytes($0) : .strings($0) }
        default: nil
        }
    }

    /// Writes the part of the tensor that begins at element `cursor`, as lists from `dimension` on, and moves the cursor behind it.
    func write(to writer: inout JSONWriter, dimension: Int, at cursor: inout Int) {
        guard dimension < self.shape.count else {
            self.writeElement(cursor, to: &writer)
            cursor += 1
            return
        }
        writer.write("[")
        for index in 0..<self.shape[dimension] {
            if index > 0 { writer.write(", ") }
            self.write(to: &writer, dimension: dimension + 1, at: &cursor)
        }
        writer.write("]")
    }

    private func writeElement(_ index: Int, to writer: inout JSONWriter) {
        switch self.elements {
        case .float(let values): writer.write(values[index])
        case .double(let values): writer.write(values[index])
        case .int8(let values): writer.write(values[index])
        case .int16(let values): writer.write(values[index])
        case .int32(let values): writer.write(values[index])
        case .int64(let values): writer.write(values[index])
        case .uint8(let values): writer.write(values[index])
        case .uint32(let values): writer.write(values[index])
        case .uint64(let values): writer.write(values[index])
        case .bool(let values): writer.write(values[index] != 0)
        case .strings(let values): writer.write(string: values[index])
        case .bytes(let values): writer.write(base64: values[index])
        case .unsupported: preconditionFailure("elements of \(self.dataType) were not checked")
        }
    }
}
