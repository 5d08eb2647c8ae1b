// SPDX-License-Identifier: Apache-2.0

/// The major version of the file format, which must be one that the enclave's Gramine can read.
public struct FormatVersion: Hashable, Sendable {
    /// The number in the file's header.
    public let number: UInt8

    private init(_ number: UInt8) { self.number = number }

    /// What Gramine up to 1.8 reads and writes; later ones read it too.
    public static let version1 = FormatVersion(1)
    /// What Gramine 1.9 and later write; earlier ones refuse it.
    public static let version2 = FormatVersion(2)

    /// The version of that number; `nil` for one that does not exist.
    public init?(number: Int) {
        guard number == 1 || number == 2 else { return nil }
        self.number = UInt8(number)
    }
}

extension FormatVersion: CustomStringConvertible {
    /// The number alone.
    public var description: String { "\(self.number)" }
}
