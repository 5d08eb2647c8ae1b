// SPDX-License-Identifier: Apache-2.0

/// The PEM blocks of a text, as DER (RFC 7468, strict but for the padding that real quotes have).
///
/// Between and around blocks only white space is allowed, and among that after the last one NUL bytes.
struct PEMBlocks {
    /// Most bytes of a text that is read.
    static let maximumSize = 1 << 20
    /// Most blocks in a text; no chain here is longer than three.
    static let maximumCount = 8

    /// The decoded blocks, in order.
    let blocks: [[UInt8]]

    /// Decodes every block, all of which must have this label (`CERTIFICATE`, `X509 CRL`).
    init(decoding text: [UInt8], label: String) throws(CollateralError) {
        guard text.count <= Self.maximumSize else { throw CollateralError("\(text.count) bytes of PEM, at most \(Self.maximumSize) are read") }
        let begin = Array("-----BEGIN \(label)-----".utf8)
        let end = Array("-----END \(label)-----".utf8)
        var rest = text[...]
        rest = rest[..<((rest.lastIndex { $0 != 0 && !Self.isWhiteSpace($0) } ?? -1) + 1)].drop(while: Self.isWhiteSpace)
        var blocks: [[UInt8]] = []
        while !rest.isEmpty {
            let offset = rest.startIndex
            guard rest.starts(with: begin) else { throw CollateralError("no \"-----BEGIN \(label)-----\" at offset \(offset)") }
            guard blocks.count < Self.maximumCount else { throw CollateralError("more than \(Self.maximumCount) PEM blocks") }
            rest = rest.dropFirst(begin.count)
            guard let dash = rest.firstIndex(of: UInt8(ascii: "-")), rest[dash...].starts(with: end) else {
                throw CollateralError("PEM block at offset \(offset) does not end with \"-----END \(label)-----\"")
            }
            guard let block = Self.decodeBase64(rest[..<dash]), !block.isEmpty else {
                throw CollateralError("PEM block at offset \(offset) is not base64")
            }
            blocks.append(block)
            rest = rest[(dash + end.count)...].drop(while: Self.isWhiteSpace)
        }
        self.blocks = blocks
    }

    private static func isWhiteSpace(_ character: UInt8) -> Bool {
        character == 0x20 || character == 0x0a || character == 0x0d || character == 0x09
    }

    /// Decodes base64 with white space; `nil` for other characters, wrong padding and bits that padding leaves over.
    private static func decodeBase64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for character in text where !self.isWhiteSpace(character) {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = self.base64Value(character) else { return nil }
            bits = bits << 6 | value
            digits += 1
            if digits == 4 {
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
                (bits, digits) = (0, 0)
            }
        }
        switch (digits, padding) {
        case (0, 0): break
        case (2, 2) where bits & 0xf == 0: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
        case (3, 1) where bits & 0x3 == 0:
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: return nil
        }
        return bytes
    }

    private static func base64Value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
