// SPDX-License-Identifier: Apache-2.0

/// Reads integers and byte ranges from untrusted bytes, front to back.
///
/// Every read is checked against what remains before anything is read or allocated, so a length field taken
/// from the input may be handed to ``readBytes(_:)`` as it is.
package struct ByteReader: ~Escapable {
    private let bytes: Span<UInt8>

    /// Position of the next unread byte, counted from the first byte given to the initializer.
    package private(set) var offset: Int

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
        self.offset = 0
    }

    /// Number of bytes not yet read.
    package var remaining: Int { self.bytes.count - self.offset }

    /// Takes the next `count` bytes without copying them.
    @_lifetime(copy self)
    package mutating func readBytes(_ count: Int) throws(ByteReaderError) -> Span<UInt8> {
        guard count >= 0, count <= self.remaining else {
            throw .truncated(offset: self.offset, wanted: count, remaining: self.remaining)
        }
        defer { self.offset += count }
        return self.bytes.extracting(self.offset..<(self.offset + count))
    }

    /// Takes everything that is left, possibly nothing.
    @_lifetime(copy self)
    package mutating func readRemaining() -> Span<UInt8> {
        defer { self.offset = self.bytes.count }
        return self.bytes.extracting(self.offset..<self.bytes.count)
    }

    /// Copies the next `count` bytes into an array.
    package mutating func readArray(_ count: Int) throws(ByteReaderError) -> [UInt8] {
        [UInt8](copying: try self.readBytes(count))
    }

    /// Passes over `count` bytes.
    package mutating func skip(_ count: Int) throws(ByteReaderError) {
        _ = try self.readBytes(count)
    }

    package mutating func readUInt8() throws(ByteReaderError) -> UInt8 {
        try self.readBytes(1)[0]
    }

    @inlinable
    package mutating func readLittleEndian<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) throws(ByteReaderError) -> Value {
        let field = try self.readBytes(MemoryLayout<Value>.size)
        var value: Value = 0
        for index in field.indices.reversed() { value = value << 8 | Value(field[index]) }
        return value
    }

    @inlinable
    package mutating func readBigEndian<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) throws(ByteReaderError) -> Value {
        let field = try self.readBytes(MemoryLayout<Value>.size)
        var value: Value = 0
        for index in field.indices { value = value << 8 | Value(field[index]) }
        return value
    }

    /// Throws unless every byte has been read: trailing bytes are an error wherever a format does not allow padding.
    package func requireEnd() throws(ByteReaderError) {
        guard self.remaining == 0 else { throw .trailingBytes(offset: self.offset, count: self.remaining) }
    }
}
