// SPDX-License-Identifier: Apache-2.0

import CZlib

/// The gzip format (RFC 1952).
enum Gzip {
    private static let chunkSize = 64 << 10
    /// Asks zlib for the gzip format with the largest window.
    private static let gzipWindow: Int32 = 15 + 16

    /// - Returns: `nil` when the bytes are not gzip, end early, or hold more than `limit` bytes.
    static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        guard !bytes.isEmpty, let inputCount = UInt32(exactly: bytes.count) else { return nil }
        var stream = unsafe z_stream()
        guard unsafe inflateInit2_(&stream, Self.gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { unsafe inflateEnd(&stream) }
        return unsafe bytes.withUnsafeBufferPointer { input -> [UInt8]? in
            // Sound: zlib only reads its input, and the input and each piece of output are lent for as long as it uses them.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.avail_in = inputCount
            var output: [UInt8] = []
            while true {
                var status = Z_OK
                let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, count in
                    unsafe stream.next_out = buffer.baseAddress
                    unsafe stream.avail_out = UInt32(buffer.count)
                    unsafe status = inflate(&stream, Z_NO_FLUSH)
                    unsafe count = buffer.count - Int(stream.avail_out)
                }
                output.append(contentsOf: piece)
                guard output.count <= limit else { return nil }
                if status == Z_STREAM_END { return output }
                guard status == Z_OK, !piece.isEmpty else { return nil }
            }
        }
    }
}
