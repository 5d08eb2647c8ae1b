// SPDX-License-Identifier: Apache-2.0

private import CZlib

/// The few calls of zlib that a zip archive needs.
enum Deflate {
    /// Unpacks a raw deflate stream of known size; `nil` when it is damaged, or of another size.
    static func inflate(_ packed: ArraySlice<UInt8>, size: Int) -> [UInt8]? {
        guard packed.count <= Int(UInt32.max), size < Int(UInt32.max) else { return nil }
        var packed = Array(packed)
        var isWhole = false
        // One byte more than it may have, so that a longer stream is noticed.
        let unpacked = unsafe [UInt8](unsafeUninitializedCapacity: size + 1) { target, initializedCount in
            unsafe packed.withUnsafeMutableBufferPointer { source in
                // Sound: zlib reads and writes no more than the sizes it is given, which are those of the buffers, and says how much it wrote.
                var stream = unsafe z_stream()
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(size + 1)
                // Negative: a raw stream, without zlib's own head.
                guard unsafe inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return }
                isWhole = unsafe CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
                initializedCount = Int(unsafe stream.total_out)
                unsafe inflateEnd(&stream)
            }
        }
        return isWhole && unpacked.count == size ? unpacked : nil
    }

    /// The CRC-32 of a zip archive.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // Sound: zlib reads the buffer's bytes during the call only.
            UInt32(truncatingIfNeeded: unsafe crc32_z(0, buffer.baseAddress, buffer.count))
        }
    }
}
