// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ModelClient
import SavedModels
import TensorFlowRuntime

extension TensorValue {
    /// The value as TensorFlow takes it.
    func tensor() throws -> Tensor {
        switch self.elements {
        case .strings(let strings): return try Tensor(strings: strings, shape: self.shape)
        case .floats(let values) where self.dataType == .half: return try self.raw(values.map { Float16($0).bitPattern })
        // Rounded to nearest, ties to even, as TensorFlow does it.
        case .floats(let values) where self.dataType == .bfloat16:
            return try self.raw(values.map { UInt16(truncatingIfNeeded: ($0.bitPattern &+ 0x7fff &+ ($0.bitPattern >> 16 & 1)) >> 16) })
        case .floats(let values): return try Tensor(values, shape: self.shape)
        case .doubles(let values): return try Tensor(values, shape: self.shape)
        case .bools(let values): return try self.raw(values.map { UInt8($0 ? 1 : 0) })
        case .integers(let values):
            switch self.dataType.elementSize {
            case 1: return try self.raw(values.map { UInt8(truncatingIfNeeded: $0) })
            case 2: return try self.raw(values.map { UInt16(truncatingIfNeeded: $0) })
            case 4: return try self.raw(values.map { UInt32(truncatingIfNeeded: $0) })
            default: return try Tensor(values, shape: self.shape)
            }
        case .unsignedIntegers(let values):
            return self.dataType == .uint32 ? try self.raw(values.map { UInt32(truncatingIfNeeded: $0) }) : try Tensor(values, shape: self.shape)
        case .complexFloats(let values): return try self.raw(values.map(\.bitPattern))
        case .complexDoubles(let values): return try self.raw(values.map(\.bitPattern))
        }
    }

    private func raw<Number: FixedWidthInteger & BitwiseCopyable>(_ values: [Number]) throws -> Tensor {
        // Sound: integers have no padding, so every byte of the array's memory is initialized.
        try unsafe Tensor(dataType: self.dataType, shape: self.shape, copying: values.span.bytes)
    }

    /// What TensorFlow answered.
    ///
    /// - Throws: ``CommandFailure`` for a type that cannot be shown.
    init(_ tensor: Tensor, name: String) throws {
        func values<Number: TensorScalar>(_: Number.Type) -> [Number] { tensor.values(as: Number.self) ?? [] }
        let elements: Elements
        switch tensor.dataType {
        case .string: elements = .strings(tensor.strings ?? [])
        case .float: elements = .floats(values(Float.self))
        case .double: elements = .doubles(values(Double.self))
        case .half: elements = .floats(Self.words(tensor).map { Float(Float16(bitPattern: $0)) })
        case .bfloat16: elements = .floats(Self.words(tensor).map { Float(bitPattern: UInt32($0) << 16) })
        case .int64: elements = .integers(values(Int64.self))
        case .int32: elements = .integers(values(Int32.self).map { Int64($0) })
        case .int16: elements = .integers(values(Int16.self).map { Int64($0) })
        case .int8: elements = .integers(values(Int8.self).map { Int64($0) })
        case .uint8: elements = .integers(values(UInt8.self).map { Int64($0) })
        case .uint16: elements = .integers(values(UInt16.self).map { Int64($0) })
        case .uint32: elements = .unsignedIntegers(values(UInt32.self).map { UInt64($0) })
        case .uint64: elements = .unsignedIntegers(values(UInt64.self))
        case .bool: elements = .bools(tensor.withBytes { bytes in bytes.indices.map { bytes[$0] != 0 } })
        default:
            throw CommandFailure("unsupported-data-type", "output \(name) is of type \(tensor.dataType), which cannot be shown", exitStatus: .badData)
        }
        self.init(dataType: tensor.dataType, shape: tensor.shape, elements: elements)
    }

    private static func words(_ tensor: Tensor) -> [UInt16] {
        tensor.withBytes { bytes in stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 } }
    }
}
