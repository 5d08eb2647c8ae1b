// SPDX-License-Identifier: Apache-2.0

import CChecksum

/// CRC-32C as TensorFlow's files carry it: masked, so that a file which holds checksums can be checked itself.
package struct MaskedChecksum {
    private static let delta: UInt32 = 0xa282_ead8

    private var crc: UInt32 = 0

    mutating func update(_ bytes: Span<UInt8>) {
        let before = self.crc
        self.crc = unsafe bytes.withUnsafeBytes { buffer in
            // Sound: the function reads the buffer's bytes during the call only.
            unsafe sealwright_crc32c(before, buffer.baseAddress, buffer.count)
        }
    }

    /// The checksum of everything so far, masked.
    var masked: UInt32 { (self.crc >> 15 | self.crc << 17) &+ Self.delta }

    /// The masked checksum of some bytes.
    package static func of(_ bytes: Span<UInt8>) -> UInt32 {
        var checksum = MaskedChecksum()
        checksum.update(bytes)
        return checksum.masked
    }
}
