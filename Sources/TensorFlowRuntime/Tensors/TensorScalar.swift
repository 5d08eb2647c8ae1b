// SPDX-License-Identifier: Apache-2.0

public import SavedModels

/// A Swift number that is an element of a tensor as it lies in memory.
public protocol TensorScalar: BitwiseCopyable, Sendable {
    /// The tensor type of this number.
    static var tensorDataType: DataType { get }
}

extension Float: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .float }
}

extension Double: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .double }
}

extension Int8: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .int8 }
}

extension Int16: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .int16 }
}

extension Int32: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .int32 }
}

extension Int64: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .int64 }
}

extension UInt8: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .uint8 }
}

extension UInt16: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .uint16 }
}

extension UInt32: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .uint32 }
}

extension UInt64: TensorScalar {
    /// The tensor type of this number.
    public static var tensorDataType: DataType { .uint64 }
}

extension Tensor {
    /// Makes a tensor of numbers, in row-major order.
    ///
    /// - Throws: ``TensorFlowError``: `bad-shape`, or `tensor-size-mismatch` if there are not exactly as many numbers as the shape takes.
    public init<Scalar: TensorScalar>(_ values: [Scalar], shape: [Int]) throws {
        // Sound: the conforming numbers have no padding, so every byte of the array's memory is initialized.
        try unsafe self.init(dataType: Scalar.tensorDataType, shape: shape, copying: values.span.bytes)
    }

    /// The elements as numbers, in row-major order; `nil` if the tensor has another type.
    public func values<Scalar: TensorScalar>(as _: Scalar.Type = Scalar.self) -> [Scalar]? {
        guard self.dataType == Scalar.tensorDataType else { return nil }
        let count = self.elementCount
        return self.withBytes { bytes in
            unsafe [Scalar](unsafeUninitializedCapacity: count) { target, initializedCount in
                // Sound: the tensor's bytes are exactly `count` elements of this type.
                unsafe bytes.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
                initializedCount = count
            }
        }
    }
}
