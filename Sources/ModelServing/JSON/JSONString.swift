// SPDX-License-Identifier: Apache-2.0

/// The bytes that JSON strings stand for.
enum JSONString {
    /// Replaces the escape sequences of a string, which have been checked.
    static func unescaped(_ text: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\") else {
                bytes.append(text[index])
                index += 1
                continue
            }
            let letter = text[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0c)
            case UInt8(ascii: "n"): bytes.append(0x0a)
            case UInt8(ascii: "r"): bytes.append(0x0d)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"): bytes.append(contentsOf: Self.scalar(text, at: &index))
            default: bytes.append(letter)
            }
        }
        return bytes
    }

    /// The UTF-8 of the scalar whose hexadecimal digits begin at `index`, that of a surrogate pair together.
    private static func scalar(_ text: Span<UInt8>, at index: inout Int) -> String.UTF8View {
        var value = Self.hexadecimal(text, at: index)
        index += 4
        if 0xd800...0xdbff ~= value {
            // Behind `\u`, which has been checked to follow.
            let low = Self.hexadecimal(text, at: index + 2)
            index += 6
            value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        return String(Unicode.Scalar(value) ?? "\u{fffd}").utf8
    }

    private static func hexadecimal(_ text: Span<UInt8>, at start: Int) -> UInt32 {
        (start..<start + 4).reduce(0) { $0 << 4 | (Self.hexadecimalValue(text[$1]) ?? 0) }
    }

    /// The value of a hexadecimal digit.
    static func hexadecimalValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }
}
