// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of one protobuf message from untrusted bytes without copying or decoding what they hold.
///
/// Follows the protobuf encoding: a varint has at most 10 bytes, lengths stay within the parent, groups are refused.
/// All offsets count from the first byte of the span, whatever message within it is being read.
package struct WireReader: ~Escapable {
    /// The largest field number that protobuf has.
    private static let maximumFieldNumber: UInt64 = (1 << 29) - 1

    private let bytes: Span<UInt8>
    private let end: Int
    package private(set) var offset: Int

    /// Reads the message that fills `range`, which must lie within `bytes`.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    /// The next field, `nil` at the message's end.
    package mutating func nextField() throws(WireError) -> WireField? {
        guard self.offset < self.end else { return nil }
        let start = self.offset
        let tag = try self.readVarint()
        let number = tag >> 3
        guard number > 0, number <= Self.maximumFieldNumber else { throw .badFieldNumber(offset: start) }
        let value: WireField.Value =
            switch tag & 7 {
            case 0: .varint(try self.readVarint())
            case 1: .fixed64(try self.readFixed(UInt64.self))
            case 2: .bytes(try self.readLengthDelimited())
            case 5: .fixed32(try self.readFixed(UInt32.self))
            default: throw .badWireType(tag & 7, offset: start)
            }
        return WireField(number: Int(number), value: value, range: start..<self.offset)
    }

    /// Reads a bare varint, as packed lists have them.
    package mutating func readVarint() throws(WireError) -> UInt64 {
        let start = self.offset
        var value: UInt64 = 0
        for index in 0..<10 {
            guard self.offset < self.end else { throw .truncated(offset: start) }
            let byte = self.bytes[self.offset]
            self.offset += 1
            // The tenth byte has room for one bit; what lies above is dropped, as every protobuf implementation does.
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte < 0x80 { return value }
        }
        throw .longVarint(offset: start)
    }

    /// Takes so many bytes and returns where they lie.
    mutating func readBytes(_ count: UInt64) throws(WireError) -> Range<Int> {
        guard let count = Int(exactly: count), count <= self.end - self.offset else { throw .truncated(offset: self.offset) }
        defer { self.offset += count }
        return self.offset..<(self.offset + count)
    }

    package var isAtEnd: Bool { self.offset >= self.end }

    private mutating func readFixed<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) throws(WireError) -> Value {
        guard self.end - self.offset >= MemoryLayout<Value>.size else { throw .truncated(offset: self.offset) }
        var value: Value = 0
        for index in 0..<MemoryLayout<Value>.size { value |= Value(self.bytes[self.offset + index]) << Value(8 * index) }
        self.offset += MemoryLayout<Value>.size
        return value
    }

    private mutating func readLengthDelimited() throws(WireError) -> Range<Int> {
        let start = self.offset
        let length = try self.readVarint()
        guard length <= UInt64(self.end - self.offset) else { throw .truncated(offset: start) }
        return try self.readBytes(length)
    }
}

extension [UInt8] {
    /// The text in `range`, which must lie within the array.
    func text(in range: Range<Int>) throws(WireError) -> String {
        guard let text = String(validating: self[range], as: UTF8.self) else { throw .badText(offset: range.lowerBound) }
        return text
    }
}
