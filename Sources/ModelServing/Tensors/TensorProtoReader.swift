// SPDX-License-Identifier: Apache-2.0

import TensorFlowProtos

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A TensorProto whose shape and values have been checked, ready to be stored in a tensor.
///
/// As in TensorFlow `tensor_content`, where there is any, wins over typed values, the last of too few values is repeated and no values
/// at all are zeros. Other than there, nothing is lost in silence: more values than the shape holds, values in the field of another data
/// type and integers beyond the data type's width are errors.
struct TensorProtoReader {
    /// The largest number of dimensions, which is TensorFlow's own.
    static let maximumRank = 254
    let dataType: Tensorflow_DataType
    let shape: [Int]
    let elementCount: Int
    let proto: Tensorflow_TensorProto
    private let layout: ElementLayout

    /// Checks a message, and charges what its tensor takes beyond the values sent for it.
    init(_ proto: Tensorflow_TensorProto, budget: inout ExpansionBudget) throws(TensorProtoError) {
        guard let layout = ElementLayout(proto.dtype) else { throw TensorProtoError("data type \(proto.dtype.rawValue) cannot be sent") }
        self.proto = proto
        self.dataType = proto.dtype
        self.layout = layout
        self.shape = proto.tensorShape.dim.map { Int($0.size) }
        self.elementCount = try Self.elementCount(of: self.shape)
        if proto.tensorContent.isEmpty {
            try self.checkTypedValues(&budget)
        } else if self.holdsStrings {
            // A byte of length at least for each, which becomes an object.
            guard self.elementCount <= proto.tensorContent.count else {
                throw TensorProtoError("tensor_content has \(proto.tensorContent.count) bytes for \(self.elementCount) strings")
            }
            try budget.charge(self.elementCount, of: layout.size)
        } else {
            let (bytes, overflow) = self.elementCount.multipliedReportingOverflow(by: layout.size)
            guard !overflow, bytes == proto.tensorContent.count else {
                throw TensorProtoError(
                    "tensor_content has \(proto.tensorContent.count) bytes, shape \(self.shape) takes \(self.elementCount) x \(layout.size)")
            }
        }
    }

    /// Whether the elements are strings, which are not stored as plain bytes.
    var holdsStrings: Bool { self.layout.field == .string }

    private static func elementCount(of shape: [Int]) throws(TensorProtoError) -> Int {
        guard shape.count <= Self.maximumRank else { throw TensorProtoError("\(shape.count) dimensions are more than \(Self.maximumRank)") }
        var count = 1
        for dimension in shape {
            guard dimension >= 0 else { throw TensorProtoError("shape \(shape) has a negative dimension") }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw TensorProtoError("shape \(shape) has more elements than can be counted") }
            count = product
        }
        return count
    }

    private func checkTypedValues(_ budget: inout ExpansionBudget) throws(TensorProtoError) {
        let field = self.layout.field
        for other in TypedField.allCases where other != field && other.entryCount(in: self.proto) > 0 {
            throw TensorProtoError("values are in \(other.name), data type \(self.dataType.rawValue) takes \(field.name)")
        }
        let entries = field.entryCount(in: self.proto)
        guard entries.isMultiple(of: field.entriesPerElement) else { throw TensorProtoError("\(field.name) has half a complex number") }
        let sent = entries / field.entriesPerElement
        guard sent <= self.elementCount else { throw TensorProtoError("\(sent) values for a shape of \(self.elementCount)") }
        if sent < self.elementCount {
            try budget.charge(self.elementCount, of: self.layout.size + (self.proto.stringVal.last?.count ?? 0))
        }
        if let range = self.layout.range {
            let integers = field == .half ? self.proto.halfVal : self.proto.intVal
            if let outside = integers.first(where: { !range.contains($0) }) {
                throw TensorProtoError("\(outside) is outside \(range.lowerBound)...\(range.upperBound)")
            }
        }
    }
}

extension TensorProtoReader {
    /// Stores the elements; strings are in ``strings()`` instead.
    ///
    /// - Precondition: the buffer has exactly `elementCount` times the element's size bytes.
    func store(into buffer: UnsafeMutableRawBufferPointer) {
        // Sound: every store below stays within `elementCount` elements, which the precondition makes the buffer's size.
        guard unsafe !buffer.isEmpty else { return }
        guard self.proto.tensorContent.isEmpty else {
            unsafe self.proto.tensorContent.copyBytes(to: buffer)
            return
        }
        switch self.layout.field {
        case .float: unsafe self.store(self.proto.floatVal, into: buffer)
        case .double: unsafe self.store(self.proto.doubleVal, into: buffer)
        case .int64: unsafe self.store(self.proto.int64Val, into: buffer)
        case .uint32: unsafe self.store(self.proto.uint32Val, into: buffer)
        case .uint64: unsafe self.store(self.proto.uint64Val, into: buffer)
        case .bool: unsafe self.store(self.proto.boolVal.map { $0 ? 1 : 0 } as [UInt8], into: buffer)
        case .float8: unsafe self.store([UInt8](self.proto.float8Val), into: buffer)
        case .scomplex: unsafe self.store(pairs(self.proto.scomplexVal), into: buffer)
        case .dcomplex: unsafe self.store(pairs(self.proto.dcomplexVal), into: buffer)
        case .half: unsafe self.store(self.proto.halfVal.map(UInt16.init(truncatingIfNeeded:)), into: buffer)
        case .int:
            // The ranges have been checked, so the low bits are the number.
            switch self.layout.size {
            case 1: unsafe self.store(self.proto.intVal.map(UInt8.init(truncatingIfNeeded:)), into: buffer)
            case 2: unsafe self.store(self.proto.intVal.map(UInt16.init(truncatingIfNeeded:)), into: buffer)
            default: unsafe self.store(self.proto.intVal, into: buffer)
            }
        case .string: preconditionFailure("strings are not stored as bytes")
        }
    }

    private func store<Element: BitwiseCopyable>(_ values: [Element], into buffer: UnsafeMutableRawBufferPointer) {
        guard let last = values.last else {
            unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
            return
        }
        unsafe values.withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
        let size = MemoryLayout<Element>.stride
        for index in values.count..<max(self.elementCount, values.count) {
            unsafe buffer.storeBytes(of: last, toByteOffset: index * size, as: Element.self)
        }
    }
}

/// Two numbers that travel as neighbours.
private struct Pair<Number: BitwiseCopyable>: BitwiseCopyable {
    let real: Number
    let imaginary: Number
}

private func pairs<Number: BitwiseCopyable>(_ values: [Number]) -> [Pair<Number>] {
    stride(from: 0, to: values.count, by: 2).map { Pair(real: values[$0], imaginary: values[$0 + 1]) }
}
