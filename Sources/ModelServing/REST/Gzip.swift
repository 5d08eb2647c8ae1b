// SPDX-License-Identifier: Apache-2.0

import CZlib

/// The gzip format (RFC 1952).
enum Gzip {
    private static let chunkSize = 64 << 10

    /// - Returns: `nil` when the bytes are not gzip, end early, or hold more than `limit` bytes.
    static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        guard let count = UInt32(exactly: bytes.count) else { return nil }
        // Sound: the inflater reads the input and writes each piece of output only while they are lent to it here.
        return unsafe bytes.withUnsafeBufferPointer { input -> [UInt8]? in
            guard let inflater = unsafe sealwright_inflater_create(sealwright_gzip, input.baseAddress, count) else { return nil }
            defer { unsafe sealwright_inflater_destroy(inflater) }
            var output: [UInt8] = []
            while true {
                var status = sealwright_inflate_damaged
                output.append(
                    contentsOf: unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { piece, pieceCount in
                        var written: UInt32 = 0
                        unsafe status = sealwright_inflater_next(inflater, piece.baseAddress, UInt32(piece.count), &written)
                        pieceCount = Int(written)
                    })
                guard output.count <= limit, status != sealwright_inflate_damaged else { return nil }
                if status == sealwright_inflate_end { return output }
            }
        }
    }
}
