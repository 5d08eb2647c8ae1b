// SPDX-License-Identifier: Apache-2.0

/// The type of a tensor's elements, by TensorFlow's number.
///
/// A struct and not an enumeration, so that a number which a later TensorFlow adds can be read, shown and passed on.
public struct DataType: RawRepresentable, Hashable, Sendable {
    /// TensorFlow's number, as in `types.proto`.
    public let rawValue: Int32

    /// Takes any number, known or not.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// No type; never valid in a signature.
    public static let invalid = DataType(rawValue: 0)
    /// `DT_FLOAT`.
    public static let float = DataType(rawValue: 1)
    /// `DT_DOUBLE`.
    public static let double = DataType(rawValue: 2)
    /// `DT_INT32`.
    public static let int32 = DataType(rawValue: 3)
    /// `DT_UINT8`.
    public static let uint8 = DataType(rawValue: 4)
    /// `DT_INT16`.
    public static let int16 = DataType(rawValue: 5)
    /// `DT_INT8`.
    public static let int8 = DataType(rawValue: 6)
    /// `DT_STRING`.
    public static let string = DataType(rawValue: 7)
    /// `DT_COMPLEX64`.
    public static let complex64 = DataType(rawValue: 8)
    /// `DT_INT64`.
    public static let int64 = DataType(rawValue: 9)
    /// `DT_BOOL`.
    public static let bool = DataType(rawValue: 10)
    /// `DT_QINT8`.
    public static let qint8 = DataType(rawValue: 11)
    /// `DT_QUINT8`.
    public static let quint8 = DataType(rawValue: 12)
    /// `DT_QINT32`.
    public static let qint32 = DataType(rawValue: 13)
    /// `DT_BFLOAT16`.
    public static let bfloat16 = DataType(rawValue: 14)
    /// `DT_QINT16`.
    public static let qint16 = DataType(rawValue: 15)
    /// `DT_QUINT16`.
    public static let quint16 = DataType(rawValue: 16)
    /// `DT_UINT16`.
    public static let uint16 = DataType(rawValue: 17)
    /// `DT_COMPLEX128`.
    public static let complex128 = DataType(rawValue: 18)
    /// `DT_HALF`.
    public static let half = DataType(rawValue: 19)
    /// `DT_RESOURCE`.
    public static let resource = DataType(rawValue: 20)
    /// `DT_VARIANT`.
    public static let variant = DataType(rawValue: 21)
    /// `DT_UINT32`.
    public static let uint32 = DataType(rawValue: 22)
    /// `DT_UINT64`.
    public static let uint64 = DataType(rawValue: 23)
    /// `DT_FLOAT8_E5M2`.
    public static let float8E5M2 = DataType(rawValue: 24)
    /// `DT_FLOAT8_E4M3FN`.
    public static let float8E4M3FN = DataType(rawValue: 25)
    /// `DT_FLOAT8_E4M3FNUZ`.
    public static let float8E4M3FNUZ = DataType(rawValue: 26)
    /// `DT_FLOAT8_E4M3B11FNUZ`.
    public static let float8E4M3B11FNUZ = DataType(rawValue: 27)
    /// `DT_FLOAT8_E5M2FNUZ`.
    public static let float8E5M2FNUZ = DataType(rawValue: 28)
    /// `DT_INT4`.
    public static let int4 = DataType(rawValue: 29)
    /// `DT_UINT4`.
    public static let uint4 = DataType(rawValue: 30)
    /// `DT_INT2`.
    public static let int2 = DataType(rawValue: 31)
    /// `DT_UINT2`.
    public static let uint2 = DataType(rawValue: 32)
    /// `DT_FLOAT4_E2M1FN`.
    public static let float4E2M1FN = DataType(rawValue: 33)

    /// How far a TF1 reference type's number lies above that of its base type.
    private static let referenceOffset: Int32 = 100

    /// Whether it is a TF1 reference type, as variables of graphs that are not frozen have.
    public var isReference: Bool { self.rawValue > Self.referenceOffset }

    /// The type without the reference, which is what values have.
    public var base: DataType { self.isReference ? DataType(rawValue: self.rawValue - Self.referenceOffset) : self }

    /// Bytes of one element in memory; `nil` where elements have no fixed size (strings, resources, variants) or the number is unknown.
    ///
    /// The types of fewer than eight bits take a byte each, as TensorFlow holds them.
    public var elementSize: Int? { Self.facts[self.base.rawValue]?.size }

    /// TensorFlow's name, such as `DT_FLOAT`.
    public var name: String {
        guard let facts = Self.facts[self.base.rawValue] else { return self == .invalid ? "DT_INVALID" : "DT_\(self.rawValue)" }
        return self.isReference ? facts.name + "_REF" : facts.name
    }

    /// Finds a type by name: `DT_FLOAT`, or as Python spells it, `float` or `float32`.
    public init?(name: String) {
        let aliases = ["float32": "FLOAT", "float64": "DOUBLE", "float16": "HALF", "str": "STRING"]
        let wanted = aliases[name].map { "DT_" + $0 } ?? (name.hasPrefix("DT_") ? name : "DT_" + name.uppercased())
        guard let found = Self.facts.first(where: { $0.value.name == wanted }) else { return nil }
        self.init(rawValue: found.key)
    }

    private static let facts: [Int32: (name: String, size: Int?)] = [
        1: ("DT_FLOAT", 4),
        2: ("DT_DOUBLE", 8),
        3: ("DT_INT32", 4),
        4: ("DT_UINT8", 1),
        5: ("DT_INT16", 2),
        6: ("DT_INT8", 1),
        7: ("DT_STRING", nil),
        8: ("DT_COMPLEX64", 8),
        9: ("DT_INT64", 8),
        10: ("DT_BOOL", 1),
        11: ("DT_QINT8", 1),
        12: ("DT_QUINT8", 1),
        13: ("DT_QINT32", 4),
        14: ("DT_BFLOAT16", 2),
        15: ("DT_QINT16", 2),
        16: ("DT_QUINT16", 2),
        17: ("DT_UINT16", 2),
        18: ("DT_COMPLEX128", 16),
        19: ("DT_HALF", 2),
        20: ("DT_RESOURCE", nil),
        21: ("DT_VARIANT", nil),
        22: ("DT_UINT32", 4),
        23: ("DT_UINT64", 8),
        24: ("DT_FLOAT8_E5M2", 1),
        25: ("DT_FLOAT8_E4M3FN", 1),
        26: ("DT_FLOAT8_E4M3FNUZ", 1),
        27: ("DT_FLOAT8_E4M3B11FNUZ", 1),
        28: ("DT_FLOAT8_E5M2FNUZ", 1),
        29: ("DT_INT4", 1),
        30: ("DT_UINT4", 1),
        31: ("DT_INT2", 1),
        32: ("DT_UINT2", 1),
        33: ("DT_FLOAT4_E2M1FN", 1),
    ]
}

extension DataType: CustomStringConvertible {
    /// TensorFlow's name.
    public var description: String { self.name }
}
