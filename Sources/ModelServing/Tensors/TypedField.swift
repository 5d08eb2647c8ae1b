// SPDX-License-Identifier: Apache-2.0

import TensorFlowProtos

/// The repeated fields of a TensorProto, each of which carries the elements of some data types.
enum TypedField: CaseIterable {
    case half, float, double, int, string, scomplex, int64, bool, dcomplex, uint32, uint64, float8

    /// The field's name in the declaration of TensorProto.
    var name: String {
        switch self {
        case .half: "half_val"
        case .float: "float_val"
        case .double: "double_val"
        case .int: "int_val"
        case .string: "string_val"
        case .scomplex: "scomplex_val"
        case .int64: "int64_val"
        case .bool: "bool_val"
        case .dcomplex: "dcomplex_val"
        case .uint32: "uint32_val"
        case .uint64: "uint64_val"
        case .float8: "float8_val"
        }
    }

    /// How many entries of the field make one element: complex numbers are written as pairs.
    var entriesPerElement: Int { self == .scomplex || self == .dcomplex ? 2 : 1 }

    /// How many entries of this field a message has.
    func entryCount(in proto: Tensorflow_TensorProto) -> Int {
        switch self {
        case .half: proto.halfVal.count
        case .float: proto.floatVal.count
        case .double: proto.doubleVal.count
        case .int: proto.intVal.count
        case .string: proto.stringVal.count
        case .scomplex: proto.scomplexVal.count
        case .int64: proto.int64Val.count
        case .bool: proto.boolVal.count
        case .dcomplex: proto.dcomplexVal.count
        case .uint32: proto.uint32Val.count
        case .uint64: proto.uint64Val.count
        case .float8: proto.float8Val.count
        }
    }
}

/// How the elements of a data type are kept in memory and written into a TensorProto.
struct ElementLayout {
    /// Bytes of one element in a tensor; for strings those of the objects that stand for it, in TensorFlow and before.
    let size: Int
    /// The field that carries the elements.
    let field: TypedField
    /// What the field's integers may be, where the field is wider than the element.
    let range: ClosedRange<Int32>?

    private init(_ size: Int, _ field: TypedField, _ range: ClosedRange<Int32>? = nil) {
        self.size = size
        self.field = field
        self.range = range
    }

    /// The layout of a data type; `nil` for those whose elements do not travel in a TensorProto (resources, variants, references, unknown ones).
    init?(_ dataType: Tensorflow_DataType) {
        switch dataType {
        case .dtFloat: self.init(4, .float)
        case .dtDouble: self.init(8, .double)
        case .dtInt32, .dtQint32: self.init(4, .int)
        case .dtInt16, .dtQint16: self.init(2, .int, -0x8000...0x7fff)
        case .dtInt8, .dtQint8: self.init(1, .int, -0x80...0x7f)
        case .dtUint16, .dtQuint16: self.init(2, .int, 0...0xffff)
        case .dtUint8, .dtQuint8: self.init(1, .int, 0...0xff)
        case .dtInt4: self.init(1, .int, -8...7)
        case .dtUint4: self.init(1, .int, 0...15)
        case .dtInt64: self.init(8, .int64)
        case .dtUint32: self.init(4, .uint32)
        case .dtUint64: self.init(8, .uint64)
        case .dtBool: self.init(1, .bool)
        case .dtString: self.init(24 + 8 + 32, .string)
        case .dtComplex64: self.init(8, .scomplex)
        case .dtComplex128: self.init(16, .dcomplex)
        // The bits of the number, which some clients widen with their sign.
        case .dtHalf, .dtBfloat16: self.init(2, .half, -0x8000...0xffff)
        case .dtFloat8E5M2, .dtFloat8E4M3Fn, .dtFloat8E4M3Fnuz, .dtFloat8E4M3B11Fnuz, .dtFloat8E5M2Fnuz: self.init(1, .float8)
        default: return nil
        }
    }
}
