// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The values of JSON numbers whose form has been checked.
enum JSONNumber {
    /// Powers of ten that a double holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
    /// Up to here a double holds every integer.
    private static let largestExactInteger: UInt64 = 1 << 53

    /// The nearest double; infinite when there is none.
    static func double(_ text: Span<UInt8>) -> Double {
        let isNegative = text[0] == UInt8(ascii: "-")
        let magnitude = Self.magnitude(text, from: isNegative ? 1 : 0)
        return isNegative ? -magnitude : magnitude
    }

    private static func magnitude(_ text: Span<UInt8>, from start: Int) -> Double {
        switch text[start] {
        case UInt8(ascii: "N"): return .nan
        case UInt8(ascii: "I"): return .infinity
        default: break
        }
        // Clinger's fast path: where both the digits and the power of ten are exact, one operation rounds once, which is correct.
        guard let (digits, exponent) = Self.decimal(text, from: start), digits <= Self.largestExactInteger, abs(exponent) <= 22 else {
            return Self.slowMagnitude(text, from: start)
        }
        let power = Self.powersOfTen[abs(exponent)]
        return exponent < 0 ? Double(digits) / power : Double(digits) * power
    }

    /// All digits as one integer and the power of ten it is to be multiplied by; `nil` when the digits are too many.
    private static func decimal(_ text: Span<UInt8>, from start: Int) -> (digits: UInt64, exponent: Int)? {
        var digits: UInt64 = 0
        var count = 0
        var exponent = 0
        var isFraction = false
        var index = start
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case 0x30...0x39:
                count += 1
                // 19 digits always fit.
                guard count <= 19 else { return nil }
                digits = digits &* 10 &+ UInt64(byte &- 0x30)
                if isFraction { exponent -= 1 }
            case UInt8(ascii: "."): isFraction = true
            default:
                guard let written = Self.exponent(text, from: index) else { return nil }
                return (digits, exponent + written)
            }
        }
        return (digits, exponent)
    }

    private static func exponent(_ text: Span<UInt8>, from start: Int) -> Int? {
        let isSigned = text[start] == UInt8(ascii: "-") || text[start] == UInt8(ascii: "+")
        var value = 0
        for index in (isSigned ? start + 1 : start)..<text.count {
            value = value * 10 + Int(text[index] - 0x30)
            guard value < 1000 else { return nil }
        }
        return text[start] == UInt8(ascii: "-") ? -value : value
    }

    private static func slowMagnitude(_ text: Span<UInt8>, from start: Int) -> Double {
        var digits = ""
        for index in start..<text.count { digits.unicodeScalars.append(Unicode.Scalar(text[index])) }
        // The form has been checked, so there is a number.
        return Double(digits) ?? .nan
    }

    /// An integer's value, if `Integer` can hold it.
    static func integer<Integer: FixedWidthInteger>(_ text: Span<UInt8>, as _: Integer.Type) -> Integer? {
        let isNegative = text[0] == UInt8(ascii: "-")
        var value: Integer = 0
        for index in (isNegative ? 1 : 0)..<text.count {
            let digit = Integer(truncatingIfNeeded: text[index] &- 0x30)
            let (product, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !first, !second else { return nil }
            value = sum
        }
        return value
    }
}
