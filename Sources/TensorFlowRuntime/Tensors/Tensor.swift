// SPDX-License-Identifier: Apache-2.0

public import SavedModels

/// A value that goes into a model or comes out of it: a type, a shape, and the elements.
///
/// Numbers lie in memory as TensorFlow reads them (row-major, in the machine's byte order), and are handed to it and taken
/// from it without copying. Strings are sequences of bytes.
public struct Tensor: Sendable {
    enum Content: Sendable {
        case bytes(TensorBytes)
        case strings([[UInt8]])
    }

    /// The type of the elements.
    public let dataType: DataType

    /// The size of each dimension, none of them negative; empty for a scalar.
    public let shape: [Int]

    /// How many elements there are: the product of the shape.
    public let elementCount: Int

    let content: Content

    /// The most dimensions a tensor can have in TensorFlow.
    public static let maximumRank = 254

    init(dataType: DataType, shape: [Int], elementCount: Int, content: Content) {
        self.dataType = dataType
        self.shape = shape
        self.elementCount = elementCount
        self.content = content
    }

    /// Makes a tensor of numbers in memory that `initialize` fills.
    ///
    /// - Parameters:
    ///   - dataType: The type of the elements, which must have a fixed size.
    ///   - shape: The size of each dimension.
    ///   - initialize: Gets exactly the tensor's memory, all zero. What it throws is passed on.
    /// - Throws: ``TensorFlowError``: `bad-shape`, `tensor-too-large`, `unsupported-data-type`, or `bad-bool` if an element
    ///   of a tensor of booleans is neither 0 nor 1.
    public init(dataType: DataType, shape: [Int], initializingWith initialize: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        let (count, byteCount) = try Self.size(of: dataType, shape: shape)
        try self.init(dataType: dataType, shape: shape, elementCount: count, try unsafe TensorBytes(count: byteCount, initializingWith: initialize))
    }

    /// Makes a tensor of numbers from its bytes in memory order, which are copied once.
    ///
    /// - Throws: ``TensorFlowError``: as ``init(dataType:shape:initializingWith:)``, and `tensor-size-mismatch` if there are not
    ///   exactly as many bytes as the shape takes.
    public init(dataType: DataType, shape: [Int], copying source: RawSpan) throws {
        let (count, byteCount) = try Self.size(of: dataType, shape: shape)
        guard byteCount == source.byteCount else {
            throw TensorFlowError(
                .invalidArgument, "tensor-size-mismatch",
                "a tensor of type \(dataType) and shape \(shape) takes \(byteCount) bytes, not \(source.byteCount)")
        }
        try self.init(dataType: dataType, shape: shape, elementCount: count, try TensorBytes(copying: source))
    }

    private init(dataType: DataType, shape: [Int], elementCount: Int, _ bytes: TensorBytes) throws(TensorFlowError) {
        // Kernels are compiled on the promise that a bool is 0 or 1; anything else is undefined behaviour in them.
        if dataType == .bool, unsafe bytes.buffer.contains(where: { $0 > 1 }) {
            throw TensorFlowError(.invalidArgument, "bad-bool", "a boolean element is neither 0 nor 1")
        }
        self.init(dataType: dataType, shape: shape, elementCount: elementCount, content: .bytes(bytes))
    }

    /// How many elements and how many bytes a tensor of numbers has.
    private static func size(of dataType: DataType, shape: [Int]) throws(TensorFlowError) -> (elements: Int, bytes: Int) {
        let count = try Self.elementCount(of: shape)
        guard !dataType.isReference, let size = dataType.elementSize else { throw Self.unsupported(dataType) }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, byteCount <= Int.max / 2 else { throw Self.tooLarge(shape) }
        return (count, byteCount)
    }

    /// Makes a tensor of strings.
    ///
    /// - Throws: ``TensorFlowError``: `bad-shape`, or `tensor-size-mismatch` if there are not exactly as many strings as the shape takes.
    public init(strings: [[UInt8]], shape: [Int]) throws(TensorFlowError) {
        let count = try Self.elementCount(of: shape)
        guard strings.count == count else {
            throw TensorFlowError(
                .invalidArgument, "tensor-size-mismatch", "a tensor of shape \(shape) takes \(count) strings, not \(strings.count)")
        }
        self.init(dataType: .string, shape: shape, elementCount: count, content: .strings(strings))
    }

    /// Lends the elements as they lie in memory; nothing for a tensor of strings.
    public func withBytes<Result: ~Copyable, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        guard case .bytes(let bytes) = self.content else { return try body([UInt8]().span) }
        // Sound: the memory belongs to `bytes`, which this value keeps alive beyond the call.
        defer { withExtendedLifetime(bytes) {} }
        return try body(unsafe Span(_unsafeElements: bytes.buffer.bindMemory(to: UInt8.self)))
    }

    /// The elements of a tensor of strings; `nil` for any other.
    public var strings: [[UInt8]]? {
        if case .strings(let strings) = self.content { strings } else { nil }
    }

    /// The product of the dimensions, checked as TensorFlow would: its own constructors end the process on a shape they can't hold.
    static func elementCount(of shape: [Int]) throws(TensorFlowError) -> Int {
        guard shape.count <= Self.maximumRank else {
            throw TensorFlowError(.invalidArgument, "bad-shape", "a shape of \(shape.count) dimensions; \(Self.maximumRank) are possible")
        }
        guard shape.allSatisfy({ $0 >= 0 }) else {
            throw TensorFlowError(.invalidArgument, "bad-shape", "the shape \(shape) has a negative dimension")
        }
        // A zero must not hide that the others overflow: TensorFlow multiplies from the left.
        var product = 1
        for dimension in shape where dimension > 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw Self.tooLarge(shape) }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }

    private static func tooLarge(_ shape: [Int]) -> TensorFlowError {
        TensorFlowError(.invalidArgument, "tensor-too-large", "a tensor of shape \(shape) is larger than memory can be")
    }

    private static func unsupported(_ dataType: DataType) -> TensorFlowError {
        TensorFlowError(.invalidArgument, "unsupported-data-type", "\(dataType) is not a type of numbers that lie in a tensor's memory")
    }
}
