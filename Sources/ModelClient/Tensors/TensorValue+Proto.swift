// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
package import TensorFlowProtos

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension TensorValue {
    /// The most empty lists that an answer without elements may be written with; its shape alone could ask for any number.
    private static let maximumEmptyLists = 1 << 20

    /// Reads what a server sent.
    ///
    /// - Throws: ``ModelClientError/Code/badAnswer`` when the values are not as many as the shape holds, or of a type that cannot be shown.
    package init(decoding proto: Tensorflow_TensorProto, name: String) throws(ModelClientError) {
        let dataType = DataType(rawValue: Int32(truncatingIfNeeded: proto.dtype.rawValue))
        let shape = proto.tensorShape.dim.map { Int($0.size) }
        let elements: Elements
        let count: Int
        switch dataType {
        case .float: (elements, count) = (.floats(proto.floatVal), proto.floatVal.count)
        case .double: (elements, count) = (.doubles(proto.doubleVal), proto.doubleVal.count)
        case .half:
            (elements, count) = (.floats(proto.halfVal.map { Self.half(UInt16(truncatingIfNeeded: $0)) }), proto.halfVal.count)
        case .bfloat16:
            (elements, count) = (.floats(proto.halfVal.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) }), proto.halfVal.count)
        case .int64: (elements, count) = (.integers(proto.int64Val), proto.int64Val.count)
        case .int32, .int16, .int8, .uint16, .uint8, .qint32, .qint16, .qint8, .quint16, .quint8, .int4, .uint4:
            (elements, count) = (.integers(proto.intVal.map(Int64.init)), proto.intVal.count)
        case .uint32: (elements, count) = (.unsignedIntegers(proto.uint32Val.map(UInt64.init)), proto.uint32Val.count)
        case .uint64: (elements, count) = (.unsignedIntegers(proto.uint64Val), proto.uint64Val.count)
        case .bool: (elements, count) = (.bools(proto.boolVal), proto.boolVal.count)
        case .string: (elements, count) = (.strings(proto.stringVal.map { [UInt8]($0) }), proto.stringVal.count)
        case .complex64: (elements, count) = (.complexFloats(proto.scomplexVal), proto.scomplexVal.count / 2)
        case .complex128: (elements, count) = (.complexDoubles(proto.dcomplexVal), proto.dcomplexVal.count / 2)
        default: throw ModelClientError(.badAnswer, "output \(name) is of type \(dataType), which this client cannot show")
        }
        guard shape.allSatisfy({ $0 >= 0 }), SavedModels.TensorShape(shape).elementCount == count else {
            throw ModelClientError(
                .badAnswer, "output \(name) has \(count) values for the shape \(shape)",
                remedy: "the server may answer with tensor_content, which this client does not read")
        }
        guard count > 0 || SavedModels.TensorShape(shape.map { max($0, 1) }).elementCount ?? .max <= Self.maximumEmptyLists else {
            throw ModelClientError(.badAnswer, "output \(name) has no values, and the shape \(shape)")
        }
        self.init(dataType: dataType, shape: shape, elements: elements)
    }

    /// The message to send, with the elements in their typed field.
    package var proto: Tensorflow_TensorProto {
        Tensorflow_TensorProto.with {
            $0.dtype = Tensorflow_DataType(rawValue: Int(self.dataType.rawValue)) ?? .UNRECOGNIZED(Int(self.dataType.rawValue))
            $0.tensorShape = TensorShape(self.shape).message
            switch self.elements {
            case .floats(let values):
                switch self.dataType {
                case .half: $0.halfVal = values.map { Int32(Self.half($0)) }
                case .bfloat16: $0.halfVal = values.map { Int32(Self.bfloat16($0)) }
                default: $0.floatVal = values
                }
            case .doubles(let values): $0.doubleVal = values
            case .integers(let values):
                if self.dataType == .int64 { $0.int64Val = values } else { $0.intVal = values.map(Int32.init(truncatingIfNeeded:)) }
            case .unsignedIntegers(let values):
                if self.dataType == .uint64 { $0.uint64Val = values } else { $0.uint32Val = values.map(UInt32.init(truncatingIfNeeded:)) }
            case .bools(let values): $0.boolVal = values
            case .strings(let values): $0.stringVal = values.map { Data($0) }
            case .complexFloats(let values): $0.scomplexVal = values
            case .complexDoubles(let values): $0.dcomplexVal = values
            }
        }
    }

    /// The number that the bits of an IEEE 754 binary16 stand for. (`Float16` is not there on every platform.)
    private static func half(_ bits: UInt16) -> Float {
        let sign: Float = bits >> 15 == 1 ? -1 : 1
        let exponent = Int(bits >> 10 & 0x1f)
        let fraction = Float(bits & 0x3ff) / 1024
        switch exponent {
        case 0: return sign * fraction * Float(sign: .plus, exponent: -14, significand: 1)
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
        }
    }

    /// The bits of the IEEE 754 binary16 nearest to a number, ties to even.
    private static func half(_ value: Float) -> UInt16 {
        let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
        let magnitude = value.magnitude
        if value.isNaN { return sign | 0x7e00 }
        // Half of the last place above the largest number rounds to infinity.
        if magnitude >= 65520 { return sign | 0x7c00 }
        if magnitude < Float(sign: .plus, exponent: -14, significand: 1) {
            return sign | UInt16((magnitude * Float(sign: .plus, exponent: 24, significand: 1)).rounded(.toNearestOrEven))
        }
        let exponent = Int(magnitude.exponent)
        let fraction = UInt16(((magnitude.significand - 1) * 1024).rounded(.toNearestOrEven))
        return sign | (UInt16(exponent + 15) << 10 + fraction)
    }

    /// The upper half of a number's bits, rounded to nearest, ties to even.
    private static func bfloat16(_ value: Float) -> UInt16 {
        if value.isNaN { return 0x7fc0 }
        let bits = value.bitPattern
        return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    }
}
