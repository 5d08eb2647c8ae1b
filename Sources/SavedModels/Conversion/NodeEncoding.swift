// SPDX-License-Identifier: Apache-2.0

/// Nodes and signatures that a conversion writes itself.
///
/// Map entries go out in the order of their keys' bytes, so that equal models are equal files.
enum NodeEncoding {
    /// A placeholder as a field of GraphDef.
    static func placeholder(name: String, type: DataType, shape: TensorShape) -> [UInt8] {
        var writer = WireWriter()
        writer.write(field: 1) { node in
            node.write(field: 1, text: name)
            node.write(field: 2, text: "Placeholder")
            node.write(field: 5) { entry in
                entry.write(field: 1, text: "dtype")
                entry.write(field: 2) { $0.write(field: 6, varint: UInt64(UInt32(bitPattern: type.rawValue))) }
            }
            node.write(field: 5) { entry in
                entry.write(field: 1, text: "shape")
                entry.write(field: 2) { value in value.write(field: 7) { Self.write(shape, to: &$0) } }
            }
        }
        return writer.bytes
    }

    /// A signature as a map entry, field 5 of MetaGraphDef.
    static func signature(_ signature: Signature, key: String) -> [UInt8] {
        var writer = WireWriter()
        writer.write(field: 5) { entry in
            entry.write(field: 1, text: key)
            entry.write(field: 2) { message in
                Self.write(signature.inputs, field: 1, to: &message)
                Self.write(signature.outputs, field: 2, to: &message)
                message.write(field: 3, text: signature.methodName)
            }
        }
        return writer.bytes
    }

    private static func write(_ tensors: [String: TensorInfo], field: Int, to writer: inout WireWriter) {
        for (key, info) in tensors.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            writer.write(field: field) { entry in
                entry.write(field: 1, text: key)
                entry.write(field: 2) { message in
                    message.write(field: 1, text: info.name ?? "")
                    message.write(field: 2, varint: UInt64(UInt32(bitPattern: info.dataType.rawValue)))
                    message.write(field: 3) { Self.write(info.shape, to: &$0) }
                }
            }
        }
    }

    private static func write(_ shape: TensorShape, to writer: inout WireWriter) {
        guard let dimensions = shape.dimensions else { return writer.write(field: 3, varint: 1) }
        for size in dimensions {
            writer.write(field: 2) { dimension in
                if size != 0 { dimension.write(field: 1, varint: UInt64(bitPattern: Int64(size))) }
            }
        }
    }
}
