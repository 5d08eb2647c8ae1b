// SPDX-License-Identifier: Apache-2.0

/// Writes JSON (RFC 8259) without spaces, member by member.
struct CompactJSON {
    private(set) var bytes: [UInt8] = []
    /// Whether the next member or element follows another.
    private var follows = false

    /// An object; `body` writes its members.
    mutating func object(_ body: (inout CompactJSON) -> Void) { self.enclose("{", "}", body) }

    /// An array; `body` writes an element.
    mutating func array<Element>(_ elements: [Element], _ body: (inout CompactJSON, Element) -> Void) {
        self.enclose("[", "]") { json in
            for element in elements {
                json.separate()
                body(&json, element)
                json.follows = true
            }
        }
    }

    /// A member whose value `body` writes.
    mutating func member(_ name: String, _ body: (inout CompactJSON) -> Void) {
        self.separate()
        self.string(name)
        self.bytes.append(UInt8(ascii: ":"))
        body(&self)
        self.follows = true
    }

    /// A member with a text; none without one.
    mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        self.member(name) { $0.string(text) }
    }

    /// A member with a number; none without one.
    mutating func member(_ name: String, _ number: Int?) {
        guard let number else { return }
        self.member(name) { $0.bytes += "\(number)".utf8 }
    }

    /// A member with a truth value.
    mutating func member(_ name: String, _ value: Bool) {
        self.member(name) { $0.bytes += (value ? "true" : "false").utf8 }
    }

    /// A text.
    mutating func string(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        if text.utf8.contains(where: Self.needsEscape) {
            for byte in text.utf8 {
                if Self.needsEscape(byte) {
                    self.bytes += Self.escaped(byte).utf8
                } else {
                    self.bytes.append(byte)
                }
            }
        } else {
            // Nearly every text, and copied at once.
            self.bytes += text.utf8
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0a: "\\n"
        case 0x0c: "\\f"
        case 0x0d: "\\r"
        default: "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
    }

    private mutating func enclose(_ start: Unicode.Scalar, _ end: Unicode.Scalar, _ body: (inout CompactJSON) -> Void) {
        self.bytes.append(UInt8(ascii: start))
        self.follows = false
        body(&self)
        self.bytes.append(UInt8(ascii: end))
        self.follows = true
    }

    private mutating func separate() {
        if self.follows { self.bytes.append(UInt8(ascii: ",")) }
        self.follows = false
    }
}
