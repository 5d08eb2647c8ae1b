// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A value that is a fixed number of bytes and nothing else: a measurement, an identifier, a signature.
///
/// Its size is checked once, when it is made. Text and JSON form is lower-case hexadecimal.
public protocol FixedSizeBytes: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Number of bytes of every value.
    static var size: Int { get }

    /// The bytes, in the order in which they lie in memory and in the formats.
    var bytes: [UInt8] { get }

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    init?(_ bytes: [UInt8])
}

extension FixedSizeBytes {
    /// Decodes hexadecimal digits of either case; `nil` unless they are exactly ``size`` bytes.
    public init?(hex text: some StringProtocol) {
        guard text.utf8.count == Self.size * 2, let bytes = [UInt8](hex: text) else { return nil }
        self.init(bytes)
    }

    /// The bytes as lower-case hexadecimal digits.
    public var hexString: String { self.bytes.hexString }

    /// The bytes as lower-case hexadecimal digits.
    public var description: String { self.bytes.hexString }

    /// Decodes the hexadecimal form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(hex: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(Self.size) bytes of hexadecimal digits expected")
        }
        self = value
    }

    /// Encodes the hexadecimal form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.hexString)
    }
}
