// SPDX-License-Identifier: Apache-2.0

/// What a word without quotation marks stands for.
enum TOMLWord {
    /// The value; `nil` for a word that is none.
    static func value(_ text: String) -> ManifestValue? {
        switch text {
        case "true": .boolean(true)
        case "false": .boolean(false)
        case "inf", "+inf", "-inf", "nan", "+nan", "-nan": .other
        default: Self.integer(text).map(ManifestValue.integer) ?? (Self.isFraction(text) || Self.isDate(text) ? .other : nil)
        }
    }

    /// Decimal with a sign, or hexadecimal, octal, binary without; single underscores between digits.
    ///
    /// `nil` for what 64 bits do not hold.
    private static func integer(_ text: String) -> Int? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            return Self.digits(text.dropFirst(2)).flatMap { $0.hasPrefix("-") || $0.hasPrefix("+") ? nil : Int($0, radix: radix) }
        }
        let unsigned = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let digits = Self.digits(unsigned), digits.allSatisfy({ $0.isASCII && $0.isNumber }), digits == "0" || !digits.hasPrefix("0") else {
            return nil
        }
        return Int(text.hasPrefix("-") ? "-\(digits)" : digits)
    }

    /// The digits without the underscores between them; `nil` where an underscore stands elsewhere, or nothing does.
    private static func digits(_ text: some StringProtocol) -> String? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        return parts.contains { $0.isEmpty } ? nil : parts.joined()
    }

    /// A number with a fraction, an exponent or both.
    private static func isFraction(_ text: String) -> Bool {
        let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let mantissa = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard mantissa.count == 2 || halves.count == 2, Self.integer(String(mantissa[0])) != nil, !mantissa[0].hasPrefix("0x"),
            !mantissa[0].hasPrefix("0o"),
            !mantissa[0].hasPrefix("0b"), mantissa.count == 1 || Self.areDigits(mantissa[1])
        else { return false }
        guard halves.count == 2 else { return true }
        let exponent = halves[1].hasPrefix("+") || halves[1].hasPrefix("-") ? halves[1].dropFirst() : halves[1]
        return Self.areDigits(exponent)
    }

    private static func areDigits(_ text: some StringProtocol) -> Bool {
        Self.digits(text).map { $0.allSatisfy { $0.isASCII && $0.isNumber } } == true
    }

    /// A date, a time, or both with or without an offset (RFC 3339).
    private static func isDate(_ text: String) -> Bool {
        guard text.count >= 10, text.dropFirst(4).first == "-" else { return Self.isTime(text[...]) }
        let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], let year = Self.number(parts[0]), let month = Self.number(parts[1]), let day = Self.number(parts[2]),
            year > 0, 1...12 ~= month, 1...Self.days(of: month, in: year) ~= day
        else { return false }
        let rest = text.dropFirst(10)
        guard let separator = rest.first else { return true }
        guard ["T", "t", " "].contains(separator) else { return false }
        let time = rest.dropFirst()
        if time.hasSuffix("Z") || time.hasSuffix("z") { return Self.isTime(time.dropLast()) }
        let offset = time.suffix(6)
        guard time.count > 8, offset.hasPrefix("+") || offset.hasPrefix("-") else { return Self.isTime(time) }
        let parts2 = offset.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard parts2.map(\.count) == [2, 2], let hours = Self.number(parts2[0]), let minutes = Self.number(parts2[1]), hours < 24, minutes < 60 else {
            return false
        }
        return Self.isTime(time.dropLast(6))
    }

    private static func isTime(_ text: Substring) -> Bool {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2, 2], let hour = Self.number(parts[0]), let minute = Self.number(parts[1]),
            let second = Self.number(parts[2])
        else {
            return false
        }
        return hour < 24 && minute < 60 && second < 60
            && (halves.count == 1 || (!halves[1].isEmpty && halves[1].allSatisfy { $0.isASCII && $0.isNumber }))
    }

    private static func number(_ text: some StringProtocol) -> Int? { text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil }

    private static func days(of month: Int, in year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
