// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Reads the fields of a quote, turning every read beyond the end into a ``QuoteError`` that names the field.
extension ByteReader {
    mutating func bytes(_ count: Int, of field: @autoclosure () -> String) throws(QuoteError) -> [UInt8] {
        do { return try self.readArray(count) } catch { throw QuoteError(.truncated, "\(field()): \(error)") }
    }

    mutating func uint16(_ field: @autoclosure () -> String) throws(QuoteError) -> UInt16 {
        do { return try self.readLittleEndian(UInt16.self) } catch { throw QuoteError(.truncated, "\(field()): \(error)") }
    }

    mutating func uint32(_ field: @autoclosure () -> String) throws(QuoteError) -> UInt32 {
        do { return try self.readLittleEndian(UInt32.self) } catch { throw QuoteError(.truncated, "\(field()): \(error)") }
    }

    mutating func uint64(_ field: @autoclosure () -> String) throws(QuoteError) -> UInt64 {
        do { return try self.readLittleEndian(UInt64.self) } catch { throw QuoteError(.truncated, "\(field()): \(error)") }
    }

    mutating func value<Value: FixedSizeBytes>(_: Value.Type, _ field: @autoclosure () -> String) throws(QuoteError) -> Value {
        guard let value = Value(try self.bytes(Value.size, of: field())) else { throw QuoteError(.truncated, field()) }
        return value
    }

    mutating func skip(_ count: Int, of field: @autoclosure () -> String) throws(QuoteError) {
        do { try self.skip(count) } catch { throw QuoteError(.truncated, "\(field()): \(error)") }
    }
}
