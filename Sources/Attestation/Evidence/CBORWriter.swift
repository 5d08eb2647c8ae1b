// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Writes the part of CBOR (RFC 8949) that evidence uses, in the deterministic form: definite lengths, each as short as it goes.
struct CBORWriter: Sendable {
    private var writer = ByteWriter()

    /// What has been written so far.
    var bytes: [UInt8] { self.writer.bytes }

    mutating func writeUnsigned(_ value: UInt64) { self.writeHead(.unsigned, value) }
    mutating func writeTag(_ tag: UInt64) { self.writeHead(.tag, tag) }
    mutating func writeArrayHead(count: Int) { self.writeHead(.array, UInt64(count)) }
    mutating func writeMapHead(count: Int) { self.writeHead(.map, UInt64(count)) }

    mutating func writeByteString(_ bytes: [UInt8]) {
        self.writeHead(.byteString, UInt64(bytes.count))
        self.writer.write(bytes)
    }

    mutating func writeTextString(_ text: String) {
        self.writeHead(.textString, UInt64(text.utf8.count))
        self.writer.write(text.utf8)
    }

    private mutating func writeHead(_ type: CBORMajorType, _ argument: UInt64) {
        let high = type.rawValue << 5
        switch argument {
        case 0..<24:
            self.writer.write(CollectionOfOne(high | UInt8(argument)))
        case 24..<0x100:
            self.writer.write([high | 24, UInt8(argument)])
        case 0x100..<0x1_0000:
            self.writer.write(CollectionOfOne(high | 25))
            self.writer.writeBigEndian(UInt16(argument))
        case 0x1_0000..<0x1_0000_0000:
            self.writer.write(CollectionOfOne(high | 26))
            self.writer.writeBigEndian(UInt32(argument))
        default:
            self.writer.write(CollectionOfOne(high | 27))
            self.writer.writeBigEndian(argument)
        }
    }
}
