// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// Picks single fields out of a serialised message of TensorFlow's, for the few answers where its generated type would be too much.
enum ProtoReader {
    /// The contents of every length-delimited field with this number.
    static func fields(_ message: Span<UInt8>, number: UInt64) throws(ByteReaderError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var reader = ByteReader(message)
        while reader.remaining > 0 {
            let key = try Self.varint(&reader)
            if key == number << 3 | 2 {
                found.append(try reader.readArray(Int(clamping: try Self.varint(&reader))))
            } else {
                try Self.skip(key, &reader)
            }
        }
        return found
    }

    /// The last varint field with this number.
    static func varint(_ message: Span<UInt8>, number: UInt64) throws(ByteReaderError) -> UInt64? {
        var found: UInt64?
        var reader = ByteReader(message)
        while reader.remaining > 0 {
            let key = try Self.varint(&reader)
            if key == number << 3 { found = try Self.varint(&reader) } else { try Self.skip(key, &reader) }
        }
        return found
    }

    private static func skip(_ key: UInt64, _ reader: inout ByteReader) throws(ByteReaderError) {
        switch key & 7 {
        case 0: _ = try Self.varint(&reader)
        case 1: try reader.skip(8)
        case 2: try reader.skip(Int(clamping: try Self.varint(&reader)))
        case 5: try reader.skip(4)
        // Groups are not used by TensorFlow's messages: whatever follows can't be read.
        default: throw .trailingBytes(offset: reader.offset, count: reader.remaining)
        }
    }

    /// At most ten bytes of seven bits, the lowest first.
    private static func varint(_ reader: inout ByteReader) throws(ByteReaderError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try reader.readUInt8()
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .trailingBytes(offset: reader.offset, count: reader.remaining)
    }
}
