// SPDX-License-Identifier: Apache-2.0

/// One field of a protobuf message, as it lies on the wire.
package struct WireField {
    package enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        /// Where the contents of a length-delimited field lie, in the bytes that were given to the reader.
        case bytes(Range<Int>)
    }

    package let number: Int
    package let value: Value
    /// The whole field with its tag and length.
    package let range: Range<Int>

    /// Where the contents lie; throws unless the field is length-delimited.
    package func bytes() throws(WireError) -> Range<Int> {
        guard case .bytes(let range) = self.value else { throw .unexpectedType(field: self.number, offset: self.range.lowerBound) }
        return range
    }

    /// The number; throws unless the field is a varint.
    package func varint() throws(WireError) -> UInt64 {
        guard case .varint(let value) = self.value else { throw .unexpectedType(field: self.number, offset: self.range.lowerBound) }
        return value
    }
}
