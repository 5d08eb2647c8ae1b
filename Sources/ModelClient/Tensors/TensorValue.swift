// SPDX-License-Identifier: Apache-2.0

public import SavedModels

/// A tensor on the client's side: a type, a shape and the elements in row-major order.
public struct TensorValue: Hashable, Sendable {
    /// The elements, in the widest form of their kind.
    package enum Elements: Hashable, Sendable {
        /// `half`, `bfloat16` and the eight-bit floats too, as numbers.
        case floats([Float])
        case doubles([Double])
        case integers([Int64])
        case unsignedIntegers([UInt64])
        case bools([Bool])
        case strings([[UInt8]])
        /// Real and imaginary parts in turn.
        case complexFloats([Float])
        case complexDoubles([Double])
    }

    /// The type of the elements.
    public let dataType: DataType
    /// The size of each dimension; none for a single value.
    public let shape: [Int]
    package let elements: Elements

    package init(dataType: DataType, shape: [Int], elements: Elements) {
        self.dataType = dataType
        self.shape = shape
        self.elements = elements
    }

    /// A tensor of strings.
    public init(strings: [[UInt8]], shape: [Int]) {
        precondition(strings.count == shape.reduce(1, *), "as many strings as the shape holds")
        self.init(dataType: .string, shape: shape, elements: .strings(strings))
    }

    /// A tensor of 32-bit floating-point numbers.
    public init(floats: [Float], shape: [Int]) {
        precondition(floats.count == shape.reduce(1, *), "as many numbers as the shape holds")
        self.init(dataType: .float, shape: shape, elements: .floats(floats))
    }

    /// The elements, where they are strings.
    public var strings: [[UInt8]]? {
        if case .strings(let strings) = self.elements { strings } else { nil }
    }

    /// The elements as numbers, where they are real numbers.
    ///
    /// Integers beyond 2^53 are rounded.
    public var numbers: [Double]? {
        switch self.elements {
        case .floats(let values): values.map { Double($0) }
        case .doubles(let values): values
        case .integers(let values): values.map { Double($0) }
        // Not `Double.init`, which here would be the one that takes a bit pattern.
        case .unsignedIntegers(let values): values.map { Double($0) }
        case .bools, .strings, .complexFloats, .complexDoubles: nil
        }
    }
}
