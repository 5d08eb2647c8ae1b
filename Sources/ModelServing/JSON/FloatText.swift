// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Numbers with a fraction as TensorFlow Serving writes them.
///
/// Six significant digits (`%g`); where those do not read back as the same number, all that the type can have (`%.9g`, `%.17g`). What would
/// look like an integer gets `.0` behind it, so that readers take all elements of a list for the same type.
enum FloatText {
    /// As many digits as always tell two numbers apart.
    private static let fullFloatPrecision = 9
    private static let fullDoublePrecision = 17
    private static let shortPrecision = 6

    static func append(_ value: Float, to bytes: inout [UInt8]) {
        guard value.isFinite else { return Self.appendNotFinite(Double(value), to: &bytes) }
        let short = DecimalDigits(Double(value), count: Self.shortPrecision)
        // A double of so few digits is near enough to be rounded to the same float as the decimal itself.
        let isExact = Float(short.value) == value.magnitude
        let digits = isExact ? short : DecimalDigits(Double(value), count: Self.fullFloatPrecision)
        digits.append(isNegative: value.sign == .minus, to: &bytes)
    }

    static func append(_ value: Double, to bytes: inout [UInt8]) {
        guard value.isFinite else { return Self.appendNotFinite(value, to: &bytes) }
        var text = Self.format(value, Self.shortPrecision)
        if Double(text) != value { text = Self.format(value, Self.fullDoublePrecision) }
        bytes.append(contentsOf: text.utf8)
        if !text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }) { bytes.append(contentsOf: ".0".utf8) }
    }

    private static func appendNotFinite(_ value: Double, to bytes: inout [UInt8]) {
        let text: StaticString = value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func format(_ value: Double, _ precision: Int) -> String {
        // The longest is a sign, 17 digits, a point and an exponent of five characters.
        var buffer = [CChar](repeating: 0, count: 32)
        let length = unsafe withVaList([Int32(precision), value]) { arguments in
            unsafe vsnprintf(&buffer, buffer.count, "%.*g", arguments)
        }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A positive number's first decimal digits, rounded to the nearest.
private struct DecimalDigits {
    /// Of as many digits as asked for, or 0.
    private let digits: UInt64
    private let count: Int
    /// The power of ten of the first digit.
    private let exponent: Int

    /// Takes a float's value, whose powers of ten are far from a double's limits.
    init(_ value: Double, count: Int) {
        let magnitude = value.magnitude
        self.count = count
        guard magnitude > 0 else {
            (self.digits, self.exponent) = (0, 0)
            return
        }
        var exponent = Int(log10(magnitude).rounded(.down))
        var digits = Self.scaled(magnitude, by: count - 1 - exponent)
        // The logarithm may be off by one at powers of ten, and rounding may carry into a new digit.
        if digits < Self.power(count - 1) {
            exponent -= 1
            digits = Self.scaled(magnitude, by: count - 1 - exponent)
        }
        if digits >= Self.power(count) {
            exponent += 1
            digits = Self.scaled(magnitude, by: count - 1 - exponent)
        }
        (self.digits, self.exponent) = (UInt64(digits), exponent)
    }

    /// The number that the digits stand for.
    var value: Double { Self.scaled(Double(self.digits), by: self.exponent - self.count + 1, isRounded: false) }

    private static func scaled(_ value: Double, by exponent: Int, isRounded: Bool = true) -> Double {
        let scaled = exponent < 0 ? value / Self.power(-exponent) : value * Self.power(exponent)
        return isRounded ? scaled.rounded(.toNearestOrEven) : scaled
    }

    private static let powers: [Double] = (0...64).map { Double("1e\($0)") ?? .nan }
    private static func power(_ exponent: Int) -> Double { Self.powers[exponent] }

    /// Writes as `%g` does, and `.0` behind an integer.
    func append(isNegative: Bool, to bytes: inout [UInt8]) {
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        var (digits, length) = (self.digits, self.count)
        while length > 1, digits % 10 == 0 {
            digits /= 10
            length -= 1
        }
        let whole = self.exponent + 1
        if self.exponent < -4 || self.exponent >= self.count {
            Self.append(digits, length: length, pointBehind: 1, to: &bytes)
            bytes.append(contentsOf: self.exponent < 0 ? "e-".utf8 : "e+".utf8)
            if abs(self.exponent) < 10 { bytes.append(UInt8(ascii: "0")) }
            bytes.append(contentsOf: String(abs(self.exponent)).utf8)
        } else if whole <= 0 {
            bytes.append(contentsOf: "0.".utf8)
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -whole))
            Self.append(digits, length: length, pointBehind: length, to: &bytes)
        } else {
            Self.append(digits, length: length, pointBehind: whole, to: &bytes)
            guard whole >= length else { return }
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: whole - length))
            bytes.append(contentsOf: ".0".utf8)
        }
    }

    /// Writes digits, with a point behind the first of them where there are more.
    private static func append(_ digits: UInt64, length: Int, pointBehind whole: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "."), count: whole < length ? length + 1 : length))
        var rest = digits
        for index in (0..<length).reversed() {
            bytes[start + (index < whole ? index : index + 1)] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}
