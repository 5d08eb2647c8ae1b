// SPDX-License-Identifier: Apache-2.0

/// Encodes attribute values (AttrValue) for nodes that the conversion makes.
enum AttributeEncoding {
    static func type(_ type: DataType) -> [UInt8] {
        self.message { $0.write(field: 6, varint: UInt64(UInt32(bitPattern: type.rawValue))) }
    }

    static func types(_ types: [DataType]) -> [UInt8] {
        self.message { value in
            value.write(field: 1) { list in
                list.write(field: 6) { packed in
                    for type in types { packed.writeVarint(UInt64(UInt32(bitPattern: type.rawValue))) }
                }
            }
        }
    }

    static func text(_ text: String) -> [UInt8] { self.message { $0.write(field: 2, text: text) } }

    static func shape(_ shape: TensorShape) -> [UInt8] {
        self.message { value in value.write(field: 7) { self.write(shape, to: &$0) } }
    }

    /// A tensor of strings.
    static func strings(_ strings: [String], shape: TensorShape) -> [UInt8] {
        self.message { value in
            value.write(field: 8) { tensor in
                tensor.write(field: 1, varint: UInt64(DataType.string.rawValue))
                tensor.write(field: 2) { self.write(shape, to: &$0) }
                for string in strings { tensor.write(field: 8, text: string) }
            }
        }
    }

    /// The contents of a TensorShapeProto.
    static func write(_ shape: TensorShape, to writer: inout WireWriter) {
        guard let dimensions = shape.dimensions else { return writer.write(field: 3, varint: 1) }
        for size in dimensions {
            writer.write(field: 2) { dimension in
                if size != 0 { dimension.write(field: 1, varint: UInt64(bitPattern: Int64(size))) }
            }
        }
    }

    private static func message(_ body: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        body(&writer)
        return writer.bytes
    }
}
