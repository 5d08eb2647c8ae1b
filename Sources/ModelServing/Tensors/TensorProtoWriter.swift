// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
package import TensorFlowProtos
package import TensorFlowRuntime

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Tensorflow_TensorProto {
    /// A message with the elements of a tensor in their typed field, one entry an element, as clients of TensorFlow Serving read them.
    ///
    /// `nil` for data types whose elements do not travel in a TensorProto.
    ///
    /// - Parameters:
    ///   - tensor: the tensor.
    ///   - asContent: whether the elements go to `tensor_content` instead.
    package init?(_ tensor: Tensor, asContent: Bool = false) {
        if let strings = tensor.strings {
            self.init(strings: strings, shape: tensor.shape, asContent: asContent)
            return
        }
        guard let dataType = Tensorflow_DataType(rawValue: Int(tensor.dataType.rawValue)), let layout = ElementLayout(dataType) else { return nil }
        self.init()
        self.dtype = dataType
        self.tensorShape = Tensorflow_TensorShapeProto(tensor.shape)
        tensor.withBytes { bytes in
            if asContent { self.tensorContent = Data(elements(of: bytes) as [UInt8]) } else { self.setElements(bytes, layout: layout) }
        }
    }

    private mutating func setElements(_ bytes: Span<UInt8>, layout: ElementLayout) {
        switch layout.field {
        case .float: self.floatVal = elements(of: bytes)
        case .double: self.doubleVal = elements(of: bytes)
        case .int64: self.int64Val = elements(of: bytes)
        case .uint32: self.uint32Val = elements(of: bytes)
        case .uint64: self.uint64Val = elements(of: bytes)
        case .scomplex: self.scomplexVal = elements(of: bytes)
        case .dcomplex: self.dcomplexVal = elements(of: bytes)
        case .bool: self.boolVal = (elements(of: bytes) as [UInt8]).map { $0 != 0 }
        case .float8: self.float8Val = Data(elements(of: bytes) as [UInt8])
        case .half: self.halfVal = (elements(of: bytes) as [UInt16]).map(Int32.init)
        case .int: self.intVal = integers(of: bytes, size: layout.size, isSigned: layout.range.map { $0.lowerBound < 0 } ?? true)
        case .string: preconditionFailure("strings do not lie in a tensor's bytes")
        }
    }

    private init(strings: [[UInt8]], shape: [Int], asContent: Bool) {
        self.init()
        self.dtype = .dtString
        self.tensorShape = Tensorflow_TensorShapeProto(shape)
        guard asContent else {
            self.stringVal = strings.map { Data($0) }
            return
        }
        // The lengths of all strings, then their bytes.
        var writer = WireWriter()
        for string in strings { writer.writeVarint(UInt64(string.count)) }
        self.tensorContent = Data(writer.bytes + strings.joined())
    }
}

extension Tensorflow_TensorShapeProto {
    init(_ shape: [Int]) {
        self.init()
        self.dim = shape.map { size in Dim.with { $0.size = Int64(size) } }
    }
}

/// The elements that `bytes` holds.
private func elements<Element: BitwiseCopyable>(of bytes: Span<UInt8>) -> [Element] {
    let count = bytes.count / MemoryLayout<Element>.stride
    return unsafe [Element](unsafeUninitializedCapacity: count) { storage, initializedCount in
        // Sound: the bytes of `count` elements are copied, which the source has, and every bit pattern is an Element.
        unsafe bytes.extracting(first: count * MemoryLayout<Element>.stride).withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(storage).copyMemory(from: source)
        }
        initializedCount = count
    }
}

/// The elements that `bytes` holds, widened to the integers of `int_val`.
private func integers(of bytes: Span<UInt8>, size: Int, isSigned: Bool) -> [Int32] {
    switch (size, isSigned) {
    case (1, true): (elements(of: bytes) as [Int8]).map(Int32.init)
    case (1, false): (elements(of: bytes) as [UInt8]).map(Int32.init)
    case (2, true): (elements(of: bytes) as [Int16]).map(Int32.init)
    case (2, false): (elements(of: bytes) as [UInt16]).map(Int32.init)
    default: elements(of: bytes)
    }
}
