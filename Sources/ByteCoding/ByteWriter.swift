// SPDX-License-Identifier: Apache-2.0

/// Builds a byte sequence front to back.
package struct ByteWriter: Sendable {
    /// What has been written so far.
    @usableFromInline
    package internal(set) var bytes: [UInt8]

    package init(reservingCapacity capacity: Int = 0) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
    }

    package mutating func write(_ bytes: some Sequence<UInt8>) {
        self.bytes.append(contentsOf: bytes)
    }

    package mutating func write(span: Span<UInt8>) {
        self.bytes.append(copying: span)
    }

    /// Overwrites what has been written, where it was a secret.
    package mutating func wipe() {
        ByteCoding.wipe(&self.bytes)
    }

    package mutating func writeZeros(_ count: Int) {
        self.bytes.append(contentsOf: repeatElement(0, count: count))
    }

    // Inlinable, here and in the reader: made for each width where it is used, or the arithmetic would go through witness tables.
    @inlinable
    package mutating func writeLittleEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) { self.bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    @inlinable
    package mutating func writeBigEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) { self.bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
