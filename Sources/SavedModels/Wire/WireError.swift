// SPDX-License-Identifier: Apache-2.0

/// Why bytes are no protobuf message.
package enum WireError: Error, Hashable {
    case truncated(offset: Int)
    case longVarint(offset: Int)
    case badFieldNumber(offset: Int)
    /// Wire types 3, 4, 6 and 7: groups, which no message here has, and types that do not exist.
    case badWireType(UInt64, offset: Int)
    /// A known field of another wire type than its own.
    case unexpectedType(field: Int, offset: Int)
    case badText(offset: Int)
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let offset): "the data ends within the field at offset \(offset)"
        case .longVarint(let offset): "a number at offset \(offset) is longer than 10 bytes"
        case .badFieldNumber(let offset): "field number out of range at offset \(offset)"
        case .badWireType(let type, let offset): "wire type \(type) at offset \(offset)"
        case .unexpectedType(let field, let offset): "field \(field) has another type than it must have at offset \(offset)"
        case .badText(let offset): "text at offset \(offset) is not UTF-8"
        }
    }
}
