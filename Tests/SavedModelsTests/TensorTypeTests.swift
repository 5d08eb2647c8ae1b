// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowProtos
import Testing

@Suite("Element types and shapes")
struct TensorTypeTests {
    @Test("every number that TensorFlow has carries TensorFlow's name")
    func names() {
        #expect(DataType.float.name == "DT_FLOAT")
        #expect(DataType(rawValue: 0).name == "DT_INVALID")
        #expect(DataType(rawValue: 103).name == "DT_INT32_REF")
        #expect(DataType(rawValue: 77).name == "DT_77")
        for type in Tensorflow_DataType.allCases where type != .dtInvalid {
            let ours = DataType(rawValue: Int32(type.rawValue))
            #expect(ours.isReference == (type.rawValue > 100))
            #expect(ours.isReference || DataType(name: ours.name) == ours)
            #expect(!ours.name.hasPrefix("DT_1") && !ours.name.hasPrefix("DT_2") && !ours.name.hasPrefix("DT_3"), "\(type) has no name")
        }
    }

    @Test(
        "types are found by the names people use",
        arguments: [("DT_HALF", 19), ("float32", 1), ("float", 1), ("int64", 9), ("string", 7), ("bool", 10), ("float16", 19)])
    func lookup(name: String, number: Int32) {
        #expect(DataType(name: name)?.rawValue == number)
        #expect(DataType(name: "quaternion") == nil)
    }

    @Test("sizes are those of elements in memory")
    func sizes() {
        #expect(DataType.complex128.elementSize == 16)
        #expect(DataType.bfloat16.elementSize == 2)
        #expect(DataType(rawValue: 102).elementSize == 8)
        #expect(DataType.string.elementSize == nil)
        #expect(DataType(rawValue: 77).elementSize == nil)
    }

    @Test("shapes count, fit and print")
    func shapes() {
        #expect(TensorShape.scalar.elementCount == 1)
        #expect(TensorShape([2, 0, 3]).elementCount == 0)
        #expect(TensorShape([-1, 3]).elementCount == nil)
        #expect(TensorShape([Int.max, 2]).elementCount == nil)
        #expect(TensorShape([-1, 3]).accepts(TensorShape([7, 3])))
        #expect(!TensorShape([-1, 3]).accepts(TensorShape([7, 4])))
        #expect(!TensorShape([-1, 3]).accepts(TensorShape([3])))
        #expect(TensorShape.unknownRank.accepts(.scalar))
        #expect(TensorShape([-1, 224, 3]).description == "(-1, 224, 3)")
        #expect(TensorShape.scalar.description == "()")
        #expect(TensorShape.unknownRank.description == "unknown_rank")
    }
}
