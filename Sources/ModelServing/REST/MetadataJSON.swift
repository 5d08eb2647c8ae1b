// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowProtos

/// A model's signatures as JSON: protobuf's mapping with fields named as declared, defaults printed, and messages that are not there left out.
enum MetadataJSON {
    static func text(_ model: LoadedModel) -> [UInt8] {
        let signatures = Self.object(model.signatures, Self.tree)
        return JSONTree.object([
            (
                "model_spec",
                .object([("name", .string(model.name)), ("signature_name", .string("")), ("version", .string(String(model.version)))])
            ),
            // Twice: the map's key, and the field of the message under it.
            ("metadata", .object([(ModelMetadata.signatureField, .object([(ModelMetadata.signatureField, signatures)]))])),
        ]).text(indentation: 1)
    }

    private static func object<Value>(_ map: [String: Value], _ tree: (Value) -> JSONTree) -> JSONTree {
        .object(map.sorted { $0.key < $1.key }.map { ($0.key, tree($0.value)) })
    }

    private static func tree(_ signature: Tensorflow_SignatureDef) -> JSONTree {
        .object([
            ("inputs", Self.object(signature.inputs, Self.tree)), ("outputs", Self.object(signature.outputs, Self.tree)),
            ("method_name", .string(signature.methodName)), ("defaults", Self.object(signature.defaults, TensorProtoJSON.tree)),
        ])
    }

    private static func tree(_ info: Tensorflow_TensorInfo) -> JSONTree {
        var members: [(name: String, value: JSONTree)] = [("dtype", Self.dataType(info.dtype))]
        if info.hasTensorShape { members.append(("tensor_shape", TensorProtoJSON.tree(info.tensorShape))) }
        switch info.encoding {
        case .name(let name): members.append(("name", .string(name)))
        case .cooSparse(let sparse):
            members.append(
                (
                    "coo_sparse",
                    .object([
                        ("values_tensor_name", .string(sparse.valuesTensorName)), ("indices_tensor_name", .string(sparse.indicesTensorName)),
                        ("dense_shape_tensor_name", .string(sparse.denseShapeTensorName)),
                    ])
                ))
        case .compositeTensor(let composite):
            members.append(("composite_tensor", .object([("components", .list(composite.components.map(Self.tree)))])))
        case nil: break
        }
        return .object(members)
    }

    /// The name of an enumeration's value; the number where it has none.
    static func dataType(_ type: Tensorflow_DataType) -> JSONTree {
        let name = DataType(rawValue: Int32(truncatingIfNeeded: type.rawValue)).name
        return name == "DT_\(type.rawValue)" ? .literal(String(type.rawValue)) : .string(name)
    }
}
