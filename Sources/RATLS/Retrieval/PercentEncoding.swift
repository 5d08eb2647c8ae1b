// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Percent-encoding of header values, as collateral services use it for certificate chains.
enum PercentEncoding {
    /// Decodes `%XX` and nothing else: a plus sign, of which base64 has many, stays one.
    ///
    /// `nil` for an incomplete or wrong escape.
    static func decode(_ text: String) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = Array(text.utf8)[...]
        decoded.reserveCapacity(rest.count)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard rest.count >= 2, let escaped = [UInt8](hex: String(decoding: rest.prefix(2), as: UTF8.self)) else { return nil }
            decoded += escaped
            rest = rest.dropFirst(2)
        }
        return decoded
    }
}
