// SPDX-License-Identifier: Apache-2.0

import Foundation
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime
import Testing

@testable import ModelServing

@Suite("Reading a Predict request off the wire")
struct PredictInputsTests {
    private static func proto(_ type: Tensorflow_DataType, _ shape: [Int64], _ set: (inout Tensorflow_TensorProto) -> Void = { _ in })
        -> Tensorflow_TensorProto
    {
        .with {
            $0.dtype = type
            $0.tensorShape.dim = shape.map { size in .with { $0.size = size } }
            set(&$0)
        }
    }

    private static let protos: [(name: String, proto: Tensorflow_TensorProto)] = [
        ("content", proto(.dtFloat, [2]) { $0.tensorContent = Data([0, 0, 128, 63, 0, 0, 0, 64]) }),
        ("typed floats", proto(.dtFloat, [1, 3]) { $0.floatVal = [1, 2, 3] }),
        ("typed doubles", proto(.dtDouble, [2]) { $0.doubleVal = [1, 2] }),
        ("strings", proto(.dtString, [2, 1]) { $0.stringVal = [Data("a".utf8), Data()] }),
        ("scalar", proto(.dtFloat, []) { $0.floatVal = [7] }),
        ("fewer values", proto(.dtFloat, [4]) { $0.floatVal = [7] }),
        ("no values", proto(.dtInt64, [2])),
        ("no elements", proto(.dtFloat, [0, 5])),
        ("half", proto(.dtHalf, [2]) { $0.halfVal = [0x3c00, 0x4000] }),
        ("bfloat16 content", proto(.dtBfloat16, [1]) { $0.tensorContent = Data([0x80, 0x3f]) }),
        ("integers", proto(.dtInt32, [3]) { $0.intVal = [1, -2, 3] }),
        ("booleans", proto(.dtBool, [2]) { $0.boolVal = [true, false] }),
        (
            "content before typed values",
            proto(.dtFloat, [1]) {
                $0.tensorContent = Data([0, 0, 128, 63])
                $0.floatVal = [9]
            }
        ),
        ("too many values", proto(.dtFloat, [1]) { $0.floatVal = [1, 2] }),
        ("values of another type", proto(.dtFloat, [1]) { $0.doubleVal = [1] }),
        ("floats of a double", proto(.dtDouble, [1]) { $0.floatVal = [1, 2] }),
        ("short content", proto(.dtFloat, [2]) { $0.tensorContent = Data([1, 2, 3, 4]) }),
        ("bad boolean", proto(.dtBool, [1]) { $0.tensorContent = Data([2]) }),
        ("negative dimension", proto(.dtFloat, [-1]) { $0.floatVal = [1] }),
        ("a product beyond numbers", proto(.dtFloat, [1 << 62, 1 << 62]) { $0.tensorContent = Data([1, 2, 3, 4]) }),
        ("no type", proto(.dtInvalid, [1]) { $0.floatVal = [1] }),
        ("reference type", proto(.UNRECOGNIZED(101), [1]) { $0.tensorContent = Data([1, 2, 3, 4]) }),
        ("too many dimensions", proto(.dtFloat, [Int64](repeating: 1, count: 255)) { $0.floatVal = [1] }),
        ("complex", proto(.dtComplex64, [1]) { $0.scomplexVal = [1, 2] }),
    ]

    // A function, because the compiler stumbles over spans of arrays that have no name.
    private func read(_ bytes: [UInt8]) throws -> PredictInputs { try PredictInputs(bytes.span) }

    private struct Shown: Hashable {
        let type: String
        let shape: [Int]
        let bytes: [UInt8]
        let strings: [[UInt8]]?

        init(_ tensor: Tensor) {
            self.type = tensor.dataType.name
            self.shape = tensor.shape
            self.bytes = tensor.withBytes { bytes in bytes.indices.map { bytes[$0] } }
            self.strings = tensor.strings
        }
    }

    @Test("each tensor is what the decoded message makes, and so is each refusal", arguments: 0..<Self.protos.count)
    func agreement(index: Int) throws {
        let (name, proto) = Self.protos[index]
        let request = Tensorflow_Serving_PredictRequest.with { $0.inputs["x"] = proto }
        let bytes: [UInt8] = try request.serializedBytes()
        let read = try #require(try self.read(bytes).tensors["x"])
        let decoded = try #require(PredictInputs(request).tensors["x"])
        switch (read, decoded) {
        case (.success(let read), .success(let decoded)): #expect(Shown(read) == Shown(decoded), "\(name)")
        case (.failure(let read), .failure(let decoded)): #expect(read == decoded, "\(name)")
        default: Issue.record("\(name): \(read) is not \(decoded)")
        }
    }

    private static let request = Tensorflow_Serving_PredictRequest.with {
        $0.modelSpec.name = "m"
        $0.modelSpec.signatureName = "s"
        $0.inputs["x"] = Self.protos[1].proto
        $0.outputFilter = ["y", "z"]
    }

    @Test("model_spec, inputs and output_filter are read")
    func fields() throws {
        let bytes: [UInt8] = try Self.request.serializedBytes()
        let read = try self.read(bytes)
        #expect(read.spec == Self.request.modelSpec)
        #expect(read.outputFilter == ["y", "z"])
        #expect(try self.read([]).spec == nil)
    }

    @Test("a request that is cut is refused or lacks what was cut, and nothing else happens")
    func truncations() throws {
        let bytes: [UInt8] = try Self.request.serializedBytes()
        for length in 0..<bytes.count {
            guard let cut = try? self.read(Array(bytes.prefix(length))) else { continue }
            #expect(cut.tensors.isEmpty || cut.outputFilter.count < 2)
        }
    }
}
