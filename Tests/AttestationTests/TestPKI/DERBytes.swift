// SPDX-License-Identifier: Apache-2.0

/// Just enough DER to write certificates and lists that no library would agree to write.
enum DERBytes {
    static func tlv(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        if count < 0x80 { return [tag, UInt8(count)] + content }
        if count < 0x100 { return [tag, 0x81, UInt8(count)] + content }
        if count < 0x10000 { return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + content }
        return [tag, 0x83, UInt8(count >> 16), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)] + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { self.tlv(0x30, parts.flatMap { $0 }) }
    static func identifier(_ encoded: [UInt8]) -> [UInt8] { self.tlv(0x06, encoded) }
    static func integer(_ bytes: [UInt8]) -> [UInt8] { self.tlv(0x02, bytes) }
    static func number(_ value: Int) -> [UInt8] {
        var bytes = [UInt8(value & 0xff)]
        var rest = value >> 8
        while rest > 0 {
            bytes.insert(UInt8(rest & 0xff), at: 0)
            rest >>= 8
        }
        return self.integer(bytes[0] & 0x80 == 0 ? bytes : [0] + bytes)
    }
    static func octets(_ bytes: [UInt8]) -> [UInt8] { self.tlv(0x04, bytes) }
    static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { self.tlv(0x03, [unused] + bytes) }
    static func boolean(_ value: Bool) -> [UInt8] { self.tlv(0x01, [value ? 0xff : 0]) }
    static func utcTime(_ text: String) -> [UInt8] { self.tlv(0x17, Array(text.utf8)) }

    static func name(_ commonName: String) -> [UInt8] {
        self.sequence(self.tlv(0x31, self.sequence(self.identifier([0x55, 0x04, 0x03]), self.tlv(0x0c, Array(commonName.utf8)))))
    }

    static func `extension`(_ identifier: [UInt8], isCritical: Bool = false, _ value: [UInt8]) -> [UInt8] {
        self.sequence(self.identifier(identifier), isCritical ? self.boolean(true) : [], self.octets(value))
    }

    static let ecdsaWithSHA256 = Self.sequence(Self.identifier([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]))
    static let ecdsaWithSHA384 = Self.sequence(Self.identifier([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]))
}
