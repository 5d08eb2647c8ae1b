import SwiftProtobuf
import TensorFlowProtos

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Tensorflow_TensorProto {
    /// A message with the elements of a tensor in their typed field, one entry an element, as clients of TensorFlow Serving read them.
    ///
    /// - Returns: `nil` for data types whose elements do not travel in a TensorProto.
    init?(dataType: Tensorflow_DataType, shape: [Int64], bytes: UnsafeRawBufferPointer) {
        guard let layout = ElementLayout(dataType), layout.field != .string else { return nil }
        self.init()
        self.dtype = dataType
        self.tensorShape = Tensorflow_TensorShapeProto(shape)
        switch layout.field {
        case .float: self.floatVal = unsafe elements(of: bytes)
        case .double: self.doubleVal = unsafe elements(of: bytes)
        case .int64: self.int64Val = unsafe elements(of: bytes)
        case .uint32: self.uint32Val = unsafe elements(of: bytes)
        case .uint64: self.uint64Val = unsafe elements(of: bytes)
        case .scomplex: self.scomplexVal = unsafe elements(of: bytes)
        case .dcomplex: self.dcomplexVal = unsafe elements(of: bytes)
        case .bool: self.boolVal = unsafe (elements(of: bytes) as [UInt8]).map { $0 != 0 }
        case .float8: self.float8Val = unsafe Data(bytes)
        case .half: self.halfVal = unsafe (elements(of: bytes) as [UInt16]).map(Int32.init)
        case .int: self.intVal = unsafe integers(of: bytes, size: layout.size, isSigned: layout.range.map { $0.lowerBound < 0 } ?? true)
        case .string: return nil
        }
    }

    /// A message with the elements of a string tensor.
    init(strings: [[UInt8]], shape: [Int64]) {
        self.init()
        self.dtype = .dtString
        self.tensorShape = Tensorflow_TensorShapeProto(shape)
        self.stringVal = strings.map { Data($0) }
    }
}

extension Tensorflow_TensorShapeProto {
    init(_ shape: [Int64]) {
        self.init()
        self.dim = shape.map { size in Dim.with { $0.size = size } }
    }
}

/// The elements that `bytes` holds.
private func elements<Element: BitwiseCopyable>(of bytes: UnsafeRawBufferPointer) -> [Element] {
    let count = bytes.count / MemoryLayout<Element>.stride
    return unsafe [Element](unsafeUninitializedCapacity: count) { storage, initializedCount in
        // Sound: `count` elements are copied bytewise from a buffer that has at least their bytes, and every bit pattern is an Element.
        unsafe UnsafeMutableRawBufferPointer(storage).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<Element>.stride)]))
        initializedCount = count
    }
}

/// The elements that `bytes` holds, widened to the integers of `int_val`.
private func integers(of bytes: UnsafeRawBufferPointer, size: Int, isSigned: Bool) -> [Int32] {
    switch (size, isSigned) {
    case (1, true): unsafe (elements(of: bytes) as [Int8]).map(Int32.init)
    case (1, false): unsafe (elements(of: bytes) as [UInt8]).map(Int32.init)
    case (2, true): unsafe (elements(of: bytes) as [Int16]).map(Int32.init)
    case (2, false): unsafe (elements(of: bytes) as [UInt16]).map(Int32.init)
    default: unsafe elements(of: bytes)
    }
}
