// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Testing

@Suite("Hexadecimal")
struct HexadecimalTests {
    @Test("digits of either case decode, and encode in lower case")
    func roundTrip() {
        #expect([UInt8](hex: "00fFA5") == [0x00, 0xff, 0xa5])
        #expect(([0x00, 0xff, 0xa5] as [UInt8]).hexString == "00ffa5")
        #expect([UInt8](hex: "") == [])
    }

    @Test("anything else is refused", arguments: ["0", "0g", " 00", "00 ", "0x00", "é0"])
    func malformed(text: String) {
        #expect([UInt8](hex: text) == nil)
    }

    @Test("constant-time comparison agrees with equality")
    func constantTime() {
        let left: [UInt8] = [1, 2, 3]
        for right in [[1, 2, 3], [1, 2, 4], [1, 2], []] as [[UInt8]] {
            #expect(constantTimeEquals(left.span, right.span) == (left == right))
        }
    }
}
