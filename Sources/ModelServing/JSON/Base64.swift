// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Base64 as TensorFlow Serving reads and writes it (RFC 4648, section 4).
enum Base64 {
    /// Decodes the standard alphabet; white space is passed over, and padding may be left out but must be right where it is.
    ///
    /// - Returns: `nil` when the text is not base64.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        let isSpace = { (byte: UInt8) in byte == 0x20 || 0x09...0x0d ~= byte }
        var symbols = text.contains(where: isSpace) ? text.filter { !isSpace($0) } : text
        let isPadded = symbols.last == UInt8(ascii: "=")
        if !isPadded { symbols.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (4 - symbols.count % 4) % 4)) }
        // Foundation refuses wrong lengths, wrong padding and foreign symbols.
        return Data(base64Encoded: Data(symbols)).map { [UInt8]($0) }
    }

    /// The standard alphabet, padded.
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
