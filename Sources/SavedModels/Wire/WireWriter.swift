// SPDX-License-Identifier: Apache-2.0

/// Writes protobuf fields, front to back.
package struct WireWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }

    /// Bytes that are fields already.
    mutating func append(_ fields: [UInt8]) { self.bytes += fields }

    package mutating func write(field number: Int, varint value: UInt64) {
        self.writeVarint(UInt64(number) << 3)
        self.writeVarint(value)
    }

    mutating func write(field number: Int, fixed32 value: UInt32) {
        self.writeVarint(UInt64(number) << 3 | 5)
        for shift in stride(from: 0, to: 32, by: 8) { self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }

    /// The tag and length of a length-delimited field whose contents are written elsewhere.
    package mutating func writeHead(field number: Int, length: Int) {
        self.writeVarint(UInt64(number) << 3 | 2)
        self.writeVarint(UInt64(length))
    }

    package mutating func write(field number: Int, bytes contents: some Collection<UInt8>) {
        self.writeHead(field: number, length: contents.count)
        self.bytes.append(contentsOf: contents)
    }

    package mutating func write(field number: Int, text: String) {
        self.write(field: number, bytes: text.utf8)
    }

    /// A message that `body` writes.
    package mutating func write(field number: Int, _ body: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        body(&inner)
        self.write(field: number, bytes: inner.bytes)
    }
}
