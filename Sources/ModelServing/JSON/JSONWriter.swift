// SPDX-License-Identifier: Apache-2.0

/// Writes JSON text: what stands where is the caller's, how it is spelled is here.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// Writes text as it is.
    mutating func write(_ text: StaticString) {
        unsafe self.bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(byte: UInt8) { self.bytes.append(byte) }

    mutating func write(_ value: some FixedWidthInteger) { self.bytes.append(contentsOf: String(value).utf8) }

    mutating func write(_ value: Bool) { self.write(value ? "true" : "false") }

    mutating func write(_ value: Float) { FloatText.append(value, to: &self.bytes) }

    mutating func write(_ value: Double) { FloatText.append(value, to: &self.bytes) }

    /// Writes a string of any bytes, with the escape sequences that JSON asks for.
    mutating func write(string: some Sequence<UInt8>) {
        self.write(byte: UInt8(ascii: "\""))
        for byte in string {
            switch byte {
            case UInt8(ascii: "\""): self.write("\\\"")
            case UInt8(ascii: "\\"): self.write("\\\\")
            case 0x08: self.write("\\b")
            case 0x0c: self.write("\\f")
            case 0x0a: self.write("\\n")
            case 0x0d: self.write("\\r")
            case 0x09: self.write("\\t")
            case ..<0x20:
                self.write("\\u00")
                for digit in [byte >> 4, byte & 15] { self.write(byte: digit < 10 ? 0x30 + digit : 0x41 + digit - 10) }
            default: self.bytes.append(byte)
            }
        }
        self.write(byte: UInt8(ascii: "\""))
    }

    /// Writes bytes as `{"b64": "..."}`.
    mutating func write(base64 bytes: [UInt8]) {
        self.write("{\"b64\": ")
        self.write(string: Base64.encode(bytes).utf8)
        self.write("}")
    }
}
