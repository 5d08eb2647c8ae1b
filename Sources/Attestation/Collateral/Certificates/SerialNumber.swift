// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftASN1

/// A certificate's serial number, compared as an unsigned integer.
struct SerialNumber: Hashable, Sendable {
    /// Big-endian, without leading zeros.
    let magnitude: [UInt8]
    /// Whether the encoding is that of a negative number, which RFC 5280 section 4.1.2.2 forbids.
    let isNegative: Bool

    /// Most bytes of the encoding: 20, and one for the sign (RFC 5280 section 4.1.2.2).
    static let maximumSize = 21

    init(derEncoded node: ASN1Node) throws {
        guard node.identifier == .integer, case .primitive(let content) = node.content, let first = content.first else {
            throw CollateralError("serial number is not an INTEGER")
        }
        guard content.count <= Self.maximumSize else { throw CollateralError("serial number of \(content.count) bytes") }
        self.isNegative = first & 0x80 != 0
        self.magnitude = Array(content.drop { $0 == 0 })
    }

    var hexString: String { self.magnitude.isEmpty ? "00" : self.magnitude.hexString }
}
