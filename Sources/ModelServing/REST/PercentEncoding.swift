// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding in URLs (RFC 3986, section 2.1).
enum PercentEncoding {
    /// Replaces `%41` and the like by the byte they stand for; what only looks like them stays.
    static func decode(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = JSONString.hexadecimalValue(bytes[index + 1]),
                let low = JSONString.hexadecimalValue(bytes[index + 2])
            {
                decoded.append(UInt8(high << 4 | low))
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
