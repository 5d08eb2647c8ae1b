// SPDX-License-Identifier: Apache-2.0

/// CRC-32C (Castagnoli) in the masked form in which TFRecord files carry it.
enum CRC32C {
    private static let polynomial: UInt32 = 0x82f6_3b78
    private static let maskDelta: UInt32 = 0xa282_ead8

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ Self.polynomial : crc >> 1 }
    }

    /// The checksum of some bytes.
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let table = Self.table.span
        var crc = UInt32.max
        for index in bytes.indices { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])] ^ crc >> 8 }
        return ~crc
    }

    /// The checksum as it is stored: masked, so that a file which holds checksums can be checked itself.
    static func masked(_ bytes: Span<UInt8>) -> UInt32 {
        let crc = Self.checksum(bytes)
        return (crc >> 15 | crc << 17) &+ Self.maskDelta
    }
}
