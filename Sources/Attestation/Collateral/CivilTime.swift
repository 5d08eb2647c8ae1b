// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A moment as certificates and signed JSON write it: Gregorian, UTC, whole seconds.
struct CivilTime: Hashable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    /// The moment; `nil` if a component is out of its range.
    var date: Date? {
        guard (1...9999).contains(self.year), (1...12).contains(self.month), (1...self.daysInMonth).contains(self.day),
            (0...23).contains(self.hour), (0...59).contains(self.minute), (0...59).contains(self.second)
        else { return nil }
        let seconds = self.daysSinceEpoch * 86400 + self.hour * 3600 + self.minute * 60 + self.second
        return Date(timeIntervalSince1970: Double(seconds))
    }

    /// Reads `YYYY-MM-DDTHH:MM:SSZ`, the only form that Intel's JSON has.
    static func date(iso8601 text: String) -> Date? {
        let characters = Array(text.utf8)
        guard characters.count == 20 else { return nil }
        for (index, expected) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")] as [(Int, Character)] {
            guard characters[index] == expected.asciiValue else { return nil }
        }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for character in characters[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
                value = value * 10 + Int(character - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second).date
    }

    private var daysInMonth: Int {
        switch self.month {
        case 2: self.isLeapYear ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private var isLeapYear: Bool { self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) }

    /// Days since 1970-01-01, counted in 400-year eras of years that begin in March.
    private var daysSinceEpoch: Int {
        let shifted = self.month <= 2 ? self.year - 1 : self.year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (self.month > 2 ? self.month - 3 : self.month + 9) + 2) / 5 + self.day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Date {
    /// This time; for NaN, which compares with nothing and so would pass every bound, one at which nothing is valid any more.
    var orNeverValid: Date { self.timeIntervalSince1970.isNaN ? Date(timeIntervalSince1970: .infinity) : self }

    /// `2026-11-24T03:05:47Z`, for reports.
    var reportText: String {
        // Callers may give any time, and not every one is a number of seconds that can be counted with.
        guard abs(self.timeIntervalSince1970) < 1e12 else { return "a time out of range (\(self.timeIntervalSince1970) seconds since 1970)" }
        let seconds = Int(self.timeIntervalSince1970.rounded(.down))
        let days = (seconds - (seconds % 86400 + 86400) % 86400) / 86400
        let rest = seconds - days * 86400
        // The inverse of daysSinceEpoch.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        guard (0...9999).contains(year) else { return "a time out of range (year \(year))" }
        // Reports tell many times, and interpolation would be most of their cost.
        var text: [UInt8] = []
        text.reserveCapacity(20)
        func append(_ value: Int, digits: Int, then separator: UInt8) {
            var divisor = digits == 4 ? 1000 : 10
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                divisor /= 10
            }
            text.append(separator)
        }
        append(year, digits: 4, then: UInt8(ascii: "-"))
        append(month, digits: 2, then: UInt8(ascii: "-"))
        append(day, digits: 2, then: UInt8(ascii: "T"))
        append(rest / 3600, digits: 2, then: UInt8(ascii: ":"))
        append(rest / 60 % 60, digits: 2, then: UInt8(ascii: ":"))
        append(rest % 60, digits: 2, then: UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }
}
