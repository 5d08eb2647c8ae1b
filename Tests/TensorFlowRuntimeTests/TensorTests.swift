// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime
import Testing

@Suite("Tensors in memory")
struct TensorTests {
    @Test("a tensor gives back the numbers it was made from")
    func numbers() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
        #expect(tensor.values(as: Float.self) == [1, 2, 3, 4, 5, 6])
        #expect(tensor.values(as: Int32.self) == nil)
        #expect(tensor.strings == nil)
        #expect(tensor.withBytes { $0.count } == 24)
        #expect(tensor.elementCount == 6)
    }

    @Test("memory that the initializer does not fill is zero")
    func zeroed() throws {
        let tensor = try unsafe Tensor(dataType: .int32, shape: [300]) { _ in }
        #expect(tensor.values(as: Int32.self) == [Int32](repeating: 0, count: 300))
    }

    @Test("a failure of the initializer is passed on")
    func failingInitializer() {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try unsafe Tensor(dataType: .int32, shape: [300]) { _ in throw Failure() } }
    }

    @Test(
        "shapes that no tensor can have are refused",
        arguments: [
            ([-1], "bad-shape"), ([2, -3], "bad-shape"), ([Int](repeating: 1, count: 255), "bad-shape"),
            ([Int.max, 2], "tensor-too-large"), ([1 << 62, 1 << 62, 0], "tensor-too-large"), ([0, 1 << 62, 1 << 62], "tensor-too-large"),
            ([Int.max / 2], "tensor-too-large"), ([1 << 61], "tensor-too-large"),
        ])
    func badShapes(shape: [Int], identifier: String) throws {
        let error = #expect(throws: TensorFlowError.self) { try unsafe Tensor(dataType: .double, shape: shape) { _ in } }
        #expect(error?.identifier == identifier)
        #expect(error?.code == .invalidArgument)
    }

    @Test("more memory than there is is refused, not fatal")
    func noMemory() throws {
        let error = #expect(throws: TensorFlowError.self) { try unsafe Tensor(dataType: .uint8, shape: [1 << 60]) { _ in } }
        #expect(error?.identifier == "tensor-too-large")
    }

    @Test("too few and too many bytes, numbers and strings are refused", arguments: [3, 5])
    func wrongCount(count: Int) throws {
        let bytes = [UInt8](repeating: 0, count: count)
        let error = #expect(throws: TensorFlowError.self) { try Tensor(bytes, shape: [2, 2]) }
        #expect(error?.identifier == "tensor-size-mismatch")
        let strings = #expect(throws: TensorFlowError.self) { try Tensor(strings: bytes.map { [$0] }, shape: [2, 2]) }
        #expect(strings?.identifier == "tensor-size-mismatch")
    }

    @Test("a boolean that is neither 0 nor 1 is refused")
    func badBool() throws {
        let error = #expect(throws: TensorFlowError.self) {
            try unsafe Tensor(dataType: .bool, shape: [2]) { unsafe $0.copyBytes(from: [1, 2]) }
        }
        #expect(error?.identifier == "bad-bool")
    }

    @Test(
        "types without a fixed size, and references, are refused",
        arguments: [DataType.string, .resource, .variant, .invalid, DataType(rawValue: 101)])
    func notNumbers(type: DataType) throws {
        let error = #expect(throws: TensorFlowError.self) { try unsafe Tensor(dataType: type, shape: []) { _ in } }
        #expect(error?.identifier == "unsupported-data-type")
    }
}
