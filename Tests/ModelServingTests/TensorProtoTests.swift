// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelServing
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import Testing

/// Makes a TensorProto.
private func proto(
    _ dataType: Tensorflow_DataType, _ shape: [Int64], _ fill: (inout Tensorflow_TensorProto) -> Void = { _ in }
) -> Tensorflow_TensorProto {
    var proto = Tensorflow_TensorProto()
    proto.dtype = dataType
    proto.tensorShape.dim = shape.map { size in .with { $0.size = size } }
    fill(&proto)
    return proto
}

/// One data type: its typed values, and the bytes of the tensor that they make.
struct TypedCase: CustomTestStringConvertible, Sendable {
    let dataType: Tensorflow_DataType
    let fill: @Sendable (inout Tensorflow_TensorProto) -> Void
    let bytes: String

    var testDescription: String { "\(self.dataType)" }

    static let all: [TypedCase] = [
        TypedCase(dataType: .dtFloat, fill: { $0.floatVal = [1, -2] }, bytes: "0000803f000000c0"),
        TypedCase(dataType: .dtDouble, fill: { $0.doubleVal = [1, -2] }, bytes: "000000000000f03f00000000000000c0"),
        TypedCase(dataType: .dtInt32, fill: { $0.intVal = [1, .min] }, bytes: "0100000000000080"),
        TypedCase(dataType: .dtQint32, fill: { $0.intVal = [1, -1] }, bytes: "01000000ffffffff"),
        TypedCase(dataType: .dtInt16, fill: { $0.intVal = [32767, -32768] }, bytes: "ff7f0080"),
        TypedCase(dataType: .dtQint16, fill: { $0.intVal = [1, -2] }, bytes: "0100feff"),
        TypedCase(dataType: .dtInt8, fill: { $0.intVal = [127, -128] }, bytes: "7f80"),
        TypedCase(dataType: .dtQint8, fill: { $0.intVal = [1, -1] }, bytes: "01ff"),
        TypedCase(dataType: .dtUint16, fill: { $0.intVal = [1, 65535] }, bytes: "0100ffff"),
        TypedCase(dataType: .dtQuint16, fill: { $0.intVal = [1, 65535] }, bytes: "0100ffff"),
        TypedCase(dataType: .dtUint8, fill: { $0.intVal = [1, 255] }, bytes: "01ff"),
        TypedCase(dataType: .dtQuint8, fill: { $0.intVal = [0, 255] }, bytes: "00ff"),
        TypedCase(dataType: .dtInt64, fill: { $0.int64Val = [1, -1] }, bytes: "0100000000000000ffffffffffffffff"),
        TypedCase(dataType: .dtUint32, fill: { $0.uint32Val = [1, .max] }, bytes: "01000000ffffffff"),
        TypedCase(dataType: .dtUint64, fill: { $0.uint64Val = [1, .max] }, bytes: "0100000000000000ffffffffffffffff"),
        TypedCase(dataType: .dtBool, fill: { $0.boolVal = [true, false] }, bytes: "0100"),
        TypedCase(dataType: .dtHalf, fill: { $0.halfVal = [0x3c00, 0xc000] }, bytes: "003c00c0"),
        TypedCase(dataType: .dtBfloat16, fill: { $0.halfVal = [0x3f80, 0xc000] }, bytes: "803f00c0"),
        TypedCase(dataType: .dtComplex64, fill: { $0.scomplexVal = [1, -2, 0, 1] }, bytes: "0000803f000000c0000000000000803f"),
        TypedCase(
            dataType: .dtComplex128, fill: { $0.dcomplexVal = [1, -2, 0, 1] },
            bytes: "000000000000f03f00000000000000c00000000000000000000000000000f03f"),
        TypedCase(dataType: .dtFloat8E5M2, fill: { $0.float8Val = Data([1, 2]) }, bytes: "0102"),
    ]
}

extension Tensor {
    /// Decodes the only tensor of a request.
    fileprivate init(decoding proto: Tensorflow_TensorProto) throws(TensorProtoError) {
        var budget = ExpansionBudget()
        try self.init(decoding: proto, budget: &budget)
    }
}

@Suite("TensorProto")
struct TensorProtoTests {
    private static func bytes(_ tensor: Tensor) -> String {
        tensor.withBytes { span in span.indices.map { String(format: "%02x", span[$0]) }.joined() }
    }

    @Test("typed values of every data type become a tensor, and the tensor the same typed values", arguments: TypedCase.all)
    func typedValues(test: TypedCase) throws {
        let sent = proto(test.dataType, [2, 1], test.fill)
        let tensor = try Tensor(decoding: sent)
        #expect(Self.bytes(tensor) == test.bytes)
        #expect(tensor.shape == [2, 1])
        #expect(tensor.dataType.rawValue == Int32(test.dataType.rawValue))
        #expect(Tensorflow_TensorProto(tensor) == sent)
    }

    @Test("tensor_content of every data type becomes the same tensor", arguments: TypedCase.all)
    func content(test: TypedCase) throws {
        let typed = try Tensor(decoding: proto(test.dataType, [2], test.fill))
        let content = proto(test.dataType, [2]) { proto in proto.tensorContent = typed.withBytes { span in Data(span.indices.map { span[$0] }) } }
        #expect(Self.bytes(try Tensor(decoding: content)) == test.bytes)
    }

    @Test("too few typed values are filled up with the last, none with zeros", arguments: TypedCase.all)
    func filling(test: TypedCase) throws {
        let two = Self.bytes(try Tensor(decoding: proto(test.dataType, [2], test.fill)))
        let four = Self.bytes(try Tensor(decoding: proto(test.dataType, [2, 2], test.fill)))
        let last = two.suffix(two.count / 2)
        #expect(four == two + last + last)
        let zeros = Self.bytes(try Tensor(decoding: proto(test.dataType, [3])))
        #expect(zeros == String(repeating: "0", count: two.count / 2 * 3))
    }

    @Test("one value too many is refused, in every data type", arguments: TypedCase.all)
    func surplus(test: TypedCase) {
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(test.dataType, [1], test.fill)) }
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(test.dataType, [0], test.fill)) }
    }

    @Test("values in the field of another data type are refused, in every data type", arguments: TypedCase.all)
    func wrongField(test: TypedCase) {
        for other in TypedCase.all {
            var both = proto(test.dataType, [2], test.fill)
            let before = both
            other.fill(&both)
            if both.halfVal.isEmpty == before.halfVal.isEmpty, both.intVal.isEmpty == before.intVal.isEmpty,
                both.floatVal.isEmpty == before.floatVal.isEmpty,
                both.doubleVal.isEmpty == before.doubleVal.isEmpty, both.int64Val.isEmpty == before.int64Val.isEmpty,
                both.uint32Val.isEmpty == before.uint32Val.isEmpty, both.uint64Val.isEmpty == before.uint64Val.isEmpty,
                both.boolVal.isEmpty == before.boolVal.isEmpty, both.scomplexVal.isEmpty == before.scomplexVal.isEmpty,
                both.dcomplexVal.isEmpty == before.dcomplexVal.isEmpty, both.float8Val.isEmpty == before.float8Val.isEmpty
            {
                continue  // The two types share a field.
            }
            #expect(throws: TensorProtoError.self, "\(test.dataType) with \(other.dataType)'s values") { try Tensor(decoding: both) }
        }
    }

    @Test(
        "integers beyond the data type's width are refused, its limits are not",
        arguments: [
            (.dtInt8, [-129, 128], [-128, 127]), (.dtUint8, [-1, 256, 300], [0, 255]), (.dtInt16, [-32769, 32768], [-32768, 32767]),
            (.dtUint16, [-1, 65536], [0, 65535]), (.dtQint8, [128], [127]), (.dtQuint8, [256], [255]),
        ] as [(Tensorflow_DataType, [Int32], [Int32])])
    func widths(dataType: Tensorflow_DataType, outside: [Int32], inside: [Int32]) throws {
        for value in outside {
            #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(dataType, [1]) { $0.intVal = [value] }) }
        }
        for value in inside { _ = try Tensor(decoding: proto(dataType, [1]) { $0.intVal = [value] }) }
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtHalf, [1]) { $0.halfVal = [65536] }) }
    }

    @Test(
        "shapes that cannot be are refused",
        arguments: [
            [-1], [2, -1], [1 << 62, 4], [1 << 62, 1 << 62, 0], [.max, 2], [1 << 40], [1 << 32, 1 << 20], Array(repeating: 1, count: 255),
        ] as [[Int64]])
    func shapes(shape: [Int64]) {
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtFloat, shape) { $0.floatVal = [1] }) }
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtString, shape) { $0.stringVal = [Data([1])] }) }
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtString, shape) { $0.tensorContent = Data([1, 1]) }) }
    }

    @Test("a short message cannot claim much memory")
    func expansion() throws {
        let limit = Int64(ExpansionBudget.limit) / 4
        _ = try Tensor(decoding: proto(.dtFloat, [1 << 10]))
        let error = #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtFloat, [limit + 1]) { $0.floatVal = [1] }) }
        #expect(error?.reason.contains("more than a request may fill up") == true)
    }

    @Test("the inputs of a request share what they may expand to")
    func sharedExpansion() throws {
        let half = Int64(ExpansionBudget.limit) / 2
        var budget = ExpansionBudget()
        _ = try Tensor(decoding: proto(.dtInt8, [half]), budget: &budget)
        _ = try Tensor(decoding: proto(.dtInt8, [half]), budget: &budget)
        let error = #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtInt8, [2]) { $0.intVal = [1] }, budget: &budget) }
        #expect(error?.reason.contains("more than a request may fill up") == true)
        // Values that were sent cost nothing.
        _ = try Tensor(decoding: proto(.dtInt8, [2]) { $0.intVal = [1, 2] }, budget: &budget)
    }

    @Test("strings are charged with the objects that stand for them, however short")
    func stringExpansion() {
        let many = Int64(ExpansionBudget.limit) / 64 + 1
        let filled = #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtString, [many])) }
        #expect(filled?.reason.contains("more than a request may fill up") == true)
        let content = #expect(throws: TensorProtoError.self) {
            try Tensor(decoding: proto(.dtString, [many]) { $0.tensorContent = Data(count: Int(many)) })
        }
        #expect(content?.reason.contains("more than a request may fill up") == true)
    }

    @Test("tensors of no elements can be, in every data type", arguments: TypedCase.all)
    func empty(test: TypedCase) throws {
        let tensor = try Tensor(decoding: proto(test.dataType, [0, 3]))
        #expect(tensor.elementCount == 0)
        #expect(Tensorflow_TensorProto(tensor) == proto(test.dataType, [0, 3]))
    }

    @Test(
        "data types that do not travel are refused",
        arguments: [
            .dtInvalid, .dtResource, .dtVariant, .dtFloatRef, .dtStringRef, .UNRECOGNIZED(99), .UNRECOGNIZED(-1), .UNRECOGNIZED(1 << 20),
        ] as [Tensorflow_DataType])
    func dataTypes(dataType: Tensorflow_DataType) {
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(dataType, [1])) }
    }

    @Test("tensor_content of another length than the shape's is refused", arguments: [0, 1, 7, 9, 16].filter { $0 > 0 })
    func contentLength(length: Int) {
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtFloat, [2]) { $0.tensorContent = Data(count: length) }) }
    }

    @Test("tensor_content wins over typed values")
    func contentWins() throws {
        let both = proto(.dtFloat, [1]) {
            $0.tensorContent = Data([0, 0, 128, 63])
            $0.floatVal = [9, 9, 9]
        }
        #expect(try Tensor(decoding: both).values(as: Float.self) == [1])
    }

    @Test("a boolean that is neither 0 nor 1, and half a complex number, are refused")
    func oddities() {
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtBool, [1]) { $0.tensorContent = Data([2]) }) }
        #expect(throws: TensorProtoError.self) { try Tensor(decoding: proto(.dtComplex64, [2]) { $0.scomplexVal = [1, 2, 3] }) }
    }
}

@Suite("TensorProto of strings")
struct StringTensorProtoTests {
    private static func strings(_ shape: [Int64], _ values: [String]) -> Tensorflow_TensorProto {
        proto(.dtString, shape) { $0.stringVal = values.map { Data($0.utf8) } }
    }

    private static func decode(_ proto: Tensorflow_TensorProto) throws -> [String]? {
        try Tensor(decoding: proto).strings?.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("strings become a tensor, and the tensor the same strings")
    func roundTrip() throws {
        let sent = Self.strings([2, 2], ["a", "", "ccc", "\u{0}"])
        let tensor = try Tensor(decoding: sent)
        #expect(tensor.strings?.map(\.count) == [1, 0, 3, 1])
        #expect(Tensorflow_TensorProto(tensor) == sent)
    }

    @Test("too few are filled up with the last, none with empty ones, too many are refused")
    func filling() throws {
        #expect(try Self.decode(Self.strings([3], ["a", "b"])) == ["a", "b", "b"])
        #expect(try Self.decode(Self.strings([2], [])) == ["", ""])
        #expect(try Self.decode(Self.strings([], [])) == [""])
        #expect(throws: TensorProtoError.self) { try Self.decode(Self.strings([1], ["a", "b"])) }
        let long = String(repeating: "x", count: 1 << 20)
        #expect(throws: TensorProtoError.self) { try Self.decode(Self.strings([1 << 10], [long])) }
    }

    static let content: [UInt8] = [1, 0, 3] + Array("abcd".utf8)

    @Test("tensor_content holds the lengths, then the bytes")
    func stringContent() throws {
        #expect(try Self.decode(proto(.dtString, [3]) { $0.tensorContent = Data(Self.content) }) == ["a", "", "bcd"])
        let long = [0xc8, 0x01] + [UInt8](repeating: 120, count: 200)
        #expect(try Self.decode(proto(.dtString, [1]) { $0.tensorContent = Data(long) })?.first?.count == 200)
    }

    @Test("every truncation of tensor_content is refused", arguments: 1..<content.count)
    func truncation(length: Int) {
        #expect(throws: TensorProtoError.self) { try Self.decode(proto(.dtString, [3]) { $0.tensorContent = Data(Self.content.prefix(length)) }) }
    }

    @Test(
        "tensor_content that does not add up is refused",
        arguments: [
            content + [0], [0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 1],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        #expect(throws: TensorProtoError.self) { try Self.decode(proto(.dtString, [3]) { $0.tensorContent = Data(bytes) }) }
    }
}
