// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftASN1
import X509

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A name that a certificate is issued for: a DNS name or an IP address.
public struct CertificateName: Hashable, Sendable {
    /// The name as given.
    public let text: String
    private let addressBytes: [UInt8]?

    /// Takes a DNS name (with an optional `*.` in front) or a literal IPv4 or IPv6 address.
    ///
    /// - Throws: ``CertificateIssuanceError`` for anything else (RFC 1123 section 2.1 names the allowed characters).
    public init(_ text: String) throws(CertificateIssuanceError) {
        self.text = text
        self.addressBytes = Self.address(text, family: AF_INET, count: 4) ?? Self.address(text, family: AF_INET6, count: 16)
        guard self.addressBytes != nil || Self.isDNSName(text) else { throw .malformedName(text) }
    }

    /// The form in which the name stands in a certificate's subject alternative names (RFC 5280 section 4.2.1.6).
    var generalName: GeneralName {
        if let addressBytes { .ipAddress(ASN1OctetString(contentBytes: addressBytes[...])) } else { .dnsName(self.text) }
    }

    private static func address(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        // Sound: inet_pton(3) writes exactly 4 or 16 bytes for these families, which is the array's size.
        let isAddress = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) } == 1
        return isAddress ? bytes : nil
    }

    private static func isDNSName(_ text: String) -> Bool {
        let name = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        guard (1...253).contains(name.utf8.count) else { return false }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
    }
}
