// SPDX-License-Identifier: Apache-2.0

/// Exact arithmetic on the numbers of a SIGSTRUCT, little-endian 32-bit limbs without a sign.
///
/// Only what EINIT itself does: multiply, subtract, compare. There is nothing secret in it, so its time may depend on the values.
struct UnsignedLimbs: Hashable {
    /// Least significant first, without zeros at the end.
    private let limbs: [UInt32]

    private init(trimming limbs: [UInt32]) {
        let count = (limbs.lastIndex { $0 != 0 } ?? -1) + 1
        self.limbs = Array(limbs.prefix(count))
    }

    init(littleEndian bytes: [UInt8]) {
        var limbs = [UInt32](repeating: 0, count: (bytes.count + 3) / 4)
        for (index, byte) in bytes.enumerated() { limbs[index / 4] |= UInt32(byte) << UInt32(8 * (index % 4)) }
        self.init(trimming: limbs)
    }

    static func < (left: Self, right: Self) -> Bool {
        guard left.limbs.count == right.limbs.count else { return left.limbs.count < right.limbs.count }
        for (one, other) in zip(left.limbs, right.limbs).reversed() where one != other { return one < other }
        return false
    }

    static func * (left: Self, right: Self) -> Self {
        var product = [UInt32](repeating: 0, count: left.limbs.count + right.limbs.count)
        for (index, limb) in left.limbs.enumerated() {
            var carry: UInt64 = 0
            for (offset, other) in right.limbs.enumerated() {
                // At most (2³² − 1)² + 2 (2³² − 1) = 2⁶⁴ − 1.
                let sum = UInt64(limb) * UInt64(other) + UInt64(product[index + offset]) + carry
                product[index + offset] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            product[index + right.limbs.count] = UInt32(carry)
        }
        return Self(trimming: product)
    }

    /// The difference; `nil` if it were negative.
    func subtracting(_ other: Self) -> Self? {
        guard !(self < other) else { return nil }
        var difference = self.limbs
        var borrow: Int64 = 0
        for index in difference.indices {
            let value = Int64(difference[index]) - (index < other.limbs.count ? Int64(other.limbs[index]) : 0) - borrow
            difference[index] = UInt32(truncatingIfNeeded: value)
            borrow = value < 0 ? 1 : 0
        }
        return Self(trimming: difference)
    }
}
