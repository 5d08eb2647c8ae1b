// SPDX-License-Identifier: Apache-2.0

private import CZlib

/// The few calls of zlib that a zip archive needs.
enum Deflate {
    /// Unpacks a raw deflate stream (RFC 1951) of known size; `nil` when it is damaged, or of another size.
    static func inflate(_ packed: ArraySlice<UInt8>, size: Int) -> [UInt8]? {
        // One byte more than it may have, so that a longer stream is noticed.
        guard let packedCount = UInt32(exactly: packed.count), let capacity = UInt32(exactly: size + 1) else { return nil }
        var isWhole = false
        let unpacked = unsafe [UInt8](unsafeUninitializedCapacity: size + 1) { target, initializedCount in
            // Sound: the inflater reads and writes the two buffers, within the sizes it is given, only while they are lent to it here.
            unsafe packed.withUnsafeBufferPointer { source in
                guard let inflater = unsafe sealwright_inflater_create(sealwright_deflate, source.baseAddress, packedCount) else { return }
                defer { unsafe sealwright_inflater_destroy(inflater) }
                var written: UInt32 = 0
                let status = unsafe sealwright_inflater_next(inflater, target.baseAddress, capacity, &written)
                isWhole = unsafe status == sealwright_inflate_end && sealwright_inflater_unread(inflater) == 0
                initializedCount = Int(written)
            }
        }
        return isWhole && unpacked.count == size ? unpacked : nil
    }

    /// The CRC-32 of a zip archive.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        // Sound: the bytes are read during the call only.
        unsafe bytes.withUnsafeBufferPointer { buffer in unsafe sealwright_crc32(buffer.baseAddress, buffer.count) }
    }
}
