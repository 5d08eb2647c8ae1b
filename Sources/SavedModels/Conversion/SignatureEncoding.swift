// SPDX-License-Identifier: Apache-2.0

/// Encodes signatures.
///
/// Map entries go out in the order of their keys' bytes, so that equal models are equal files.
enum SignatureEncoding {
    /// A signature as a map entry, field 5 of MetaGraphDef.
    static func mapEntry(_ signature: Signature, key: String) -> [UInt8] {
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
                    message.write(field: 3) { AttributeEncoding.write(info.shape, to: &$0) }
                }
            }
        }
    }
}
