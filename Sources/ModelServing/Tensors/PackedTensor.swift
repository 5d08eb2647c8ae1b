// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime

/// A serialised TensorProto whose elements lie in it as they lie in memory, all of them, so that one copy makes a tensor of them.
///
/// That is what clients send where it matters: `tensor_content`, `float_val`, `double_val`, and strings. Everything else takes the way over a
/// decoded message, which checks it and says what is wrong.
struct PackedTensor {
    private enum Elements {
        case bytes(Range<Int>)
        case strings([Range<Int>])
    }

    private let dataType: DataType
    private let shape: [Int]
    private let elements: Elements

    /// Looks at the message that fills `range`.
    ///
    /// - Returns: `nil` when it has to be decoded.
    init?(_ bytes: Span<UInt8>, in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes, in: range)
        var type: UInt64 = 0
        var shapeRange: Range<Int>?
        var packed: (field: Int, range: Range<Int>)?
        var strings: [Range<Int>] = []
        while let field = try reader.nextField() {
            switch (field.number, field.value) {
            case (1, .varint(let value)): type = value
            case (2, .bytes(let value)) where shapeRange == nil: shapeRange = value
            case (3, .varint): break
            case (4...6, .bytes(let value)) where packed == nil && strings.isEmpty: packed = (field.number, value)
            case (8, .bytes(let value)) where packed == nil: strings.append(value)
            default: return nil
            }
        }
        guard let number = Int32(exactly: type) else { return nil }
        self.dataType = DataType(rawValue: number)
        guard let shape = Self.shape(bytes, in: shapeRange ?? 0..<0), let count = Self.elementCount(of: shape) else { return nil }
        self.shape = shape
        if let packed {
            guard let size = self.dataType.elementSize, !self.dataType.isReference, packed.range.count == count.multipliedSafely(by: size) else {
                return nil
            }
            guard
                packed.field == 4 && !packed.range.isEmpty || packed.field == 5 && self.dataType == .float
                    || packed.field == 6 && self.dataType == .double
            else { return nil }
            self.elements = .bytes(packed.range)
        } else {
            guard self.dataType == .string, count == strings.count else { return nil }
            self.elements = .strings(strings)
        }
    }

    private static func shape(_ bytes: Span<UInt8>, in range: Range<Int>) -> [Int]? {
        let message = try? Tensorflow_TensorShapeProto(serializedBytes: [UInt8](copying: bytes.extracting(range)))
        return message?.dim.map { Int($0.size) }
    }

    private static func elementCount(of shape: [Int]) -> Int? {
        guard shape.count <= Tensor.maximumRank else { return nil }
        var count = 1
        for dimension in shape {
            guard dimension > 0, let product = count.multipliedSafely(by: dimension) else { return nil }
            count = product
        }
        return count
    }

    /// Copies the elements out of the bytes that the message was found in.
    func tensor(_ bytes: Span<UInt8>) throws -> Tensor {
        switch self.elements {
        // Sound: bytes have no padding, so all of them are initialized.
        case .bytes(let range): try unsafe Tensor(dataType: self.dataType, shape: self.shape, copying: bytes.extracting(range).bytes)
        case .strings(let ranges): try Tensor(strings: ranges.map { [UInt8](copying: bytes.extracting($0)) }, shape: self.shape)
        }
    }
}

extension Int {
    fileprivate func multipliedSafely(by other: Int) -> Int? {
        let (product, overflow) = self.multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }
}
