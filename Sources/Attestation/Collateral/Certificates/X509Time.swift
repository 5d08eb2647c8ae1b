// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Times in certificates and revocation lists (RFC 5280 section 4.1.2.5).
enum X509Time {
    static func isTime(_ node: ASN1Node) -> Bool { node.identifier == .utcTime || node.identifier == .generalizedTime }

    static func date(_ node: ASN1Node) throws -> Date {
        let time: CivilTime
        if node.identifier == .utcTime {
            let utc = try UTCTime(derEncoded: node)
            time = CivilTime(year: utc.year, month: utc.month, day: utc.day, hour: utc.hours, minute: utc.minutes, second: utc.seconds)
        } else {
            let general = try GeneralizedTime(derEncoded: node)
            time = CivilTime(
                year: general.year, month: general.month, day: general.day, hour: general.hours, minute: general.minutes, second: general.seconds)
        }
        guard let date = time.date else { throw CollateralError("a time is out of range") }
        return date
    }
}
