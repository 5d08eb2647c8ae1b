// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels

/// Reads TensorFlow's record files: lengths and data, each with its checksum.
package struct TFRecordReader: ~Escapable {
    /// The length (8 bytes), its checksum, and the data's checksum (4 bytes each).
    private static let lengthByteCount = 8

    private var reader: ByteReader

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) { self.reader = ByteReader(bytes) }

    /// Takes the next record; `nil` at the end of the file, which must be the end of a record.
    ///
    /// - Throws: `DATA_LOSS`, telling at which byte.
    @_lifetime(copy self)
    package mutating func next() throws(RequestError) -> Span<UInt8>? {
        guard self.reader.remaining > 0 else { return nil }
        let start = self.reader.offset
        let length = try self.checkedBytes(Self.lengthByteCount, at: start)
        var value: UInt64 = 0
        for index in length.indices.reversed() { value = value << 8 | UInt64(length[index]) }
        guard let count = Int(exactly: value) else { throw Self.damaged("truncated record at \(start)") }
        return try self.checkedBytes(count, at: start)
    }

    @_lifetime(copy self)
    private mutating func checkedBytes(_ count: Int, at start: Int) throws(RequestError) -> Span<UInt8> {
        let bytes: Span<UInt8>
        let expected: UInt32
        do {
            bytes = try self.reader.readBytes(count)
            expected = try self.reader.readLittleEndian(UInt32.self)
        } catch {
            throw Self.damaged("truncated record at \(start)")
        }
        guard MaskedChecksum.of(bytes) == expected else { throw Self.damaged("corrupted record at \(start)") }
        return bytes
    }

    private static func damaged(_ reason: String) -> RequestError {
        RequestError(.dataLoss, "\(reason). Please verify your warmup data is in TFRecord format.")
    }
}
