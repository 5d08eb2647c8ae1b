// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

/// A TensorProto as JSON, every field printed: the default of a signature's input.
enum TensorProtoJSON {
    static func tree(_ shape: Tensorflow_TensorShapeProto) -> JSONTree {
        .object([
            ("dim", .list(shape.dim.map { .object([("size", .string(String($0.size))), ("name", .string($0.name))]) })),
            ("unknown_rank", .literal(String(shape.unknownRank))),
        ])
    }

    static func tree(_ tensor: Tensorflow_TensorProto) -> JSONTree {
        var members: [(name: String, value: JSONTree)] = [("dtype", MetadataJSON.dataType(tensor.dtype))]
        if tensor.hasTensorShape { members.append(("tensor_shape", Self.tree(tensor.tensorShape))) }
        members += [
            ("version_number", .literal(String(tensor.versionNumber))),
            ("tensor_content", .string(Base64.encode([UInt8](tensor.tensorContent)))),
            ("half_val", Self.literals(tensor.halfVal)),
            ("float_val", Self.numbers(tensor.floatVal.map { value in { $0.write(value) } }, isFinite: tensor.floatVal.map(\.isFinite))),
            ("double_val", Self.numbers(tensor.doubleVal.map { value in { $0.write(value) } }, isFinite: tensor.doubleVal.map(\.isFinite))),
            ("int_val", Self.literals(tensor.intVal)),
            ("string_val", .list(tensor.stringVal.map { .string(Base64.encode([UInt8]($0))) })),
            ("scomplex_val", Self.numbers(tensor.scomplexVal.map { value in { $0.write(value) } }, isFinite: tensor.scomplexVal.map(\.isFinite))),
            ("int64_val", .list(tensor.int64Val.map { .string(String($0)) })),
            ("bool_val", Self.literals(tensor.boolVal)),
            ("dcomplex_val", Self.numbers(tensor.dcomplexVal.map { value in { $0.write(value) } }, isFinite: tensor.dcomplexVal.map(\.isFinite))),
            ("uint32_val", Self.literals(tensor.uint32Val)),
            ("uint64_val", .list(tensor.uint64Val.map { .string(String($0)) })),
            ("float8_val", .string(Base64.encode([UInt8](tensor.float8Val)))),
        ]
        return .object(members)
    }

    private static func literals<Value>(_ values: [Value]) -> JSONTree { .list(values.map { .literal("\($0)") }) }

    /// Numbers with a fraction; those that are not finite are strings, as protobuf has them.
    private static func numbers(_ values: [(inout JSONWriter) -> Void], isFinite: [Bool]) -> JSONTree {
        .list(
            zip(values, isFinite).map { write, isFinite in
                var writer = JSONWriter()
                write(&writer)
                return isFinite ? .literal(String(decoding: writer.bytes, as: UTF8.self)) : .string(writer.bytes)
            })
    }
}
