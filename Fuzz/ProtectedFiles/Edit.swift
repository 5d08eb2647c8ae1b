// SPDX-License-Identifier: Apache-2.0

/// One change to a sealed file, or one range to read: six bytes of the fuzzer's input.
struct Edit {
    enum Kind: UInt8 {
        /// Flips bits of the byte at the offset.
        case flip
        /// Flips bits of the byte at the offset in the metadata before they are encrypted, as only somebody who has the key can.
        case metadata
        /// Cuts the file off at the offset.
        case cut
        /// Appends bytes.
        case append
        /// Copies the node with the number in the value over the one at the offset.
        case copyNode
        /// Reads 64 bytes times the value at the offset.
        case read
    }

    private static let byteCount = 6

    let kind: Kind
    let offset: Int
    let value: UInt8

    /// Takes an input apart; what is left over at its end is ignored.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [Edit] {
        stride(from: bytes.startIndex, through: bytes.endIndex - self.byteCount, by: self.byteCount).compactMap { start in
            let offset = (0..<4).reduce(0) { $0 | Int(bytes[start + 1 + $1]) << (8 * $1) }
            return Kind(rawValue: bytes[start] % 6).map { Edit(kind: $0, offset: offset, value: bytes[start + 5]) }
        }
    }
}
