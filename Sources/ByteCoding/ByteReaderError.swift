// SPDX-License-Identifier: Apache-2.0

/// Why a ``ByteReader`` could not go on.
package enum ByteReaderError: Error, Hashable, Sendable {
    /// The input ends before the bytes that were asked for.
    case truncated(offset: Int, wanted: Int, remaining: Int)
    /// The input goes on where it should have ended.
    case trailingBytes(offset: Int, count: Int)
}

extension ByteReaderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let offset, let wanted, let remaining):
            "\(wanted) bytes wanted at offset \(offset), \(remaining) left"
        case .trailingBytes(let offset, let count):
            "\(count) bytes left over at offset \(offset)"
        }
    }
}
