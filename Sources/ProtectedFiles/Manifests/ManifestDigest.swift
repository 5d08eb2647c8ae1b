// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// The digest of a ``ModelManifest``, by which an owner names one state of one model.
public struct ManifestDigest: Hashable, Sendable {
    /// SHA-256, 32 bytes.
    public let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads 64 hexadecimal digits; `nil` for anything else.
    public init?(hex text: String) {
        guard let bytes = [UInt8](hex: text), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}

extension ManifestDigest: CustomStringConvertible {
    /// 64 hexadecimal digits.
    public var description: String { self.bytes.hexString }
}
