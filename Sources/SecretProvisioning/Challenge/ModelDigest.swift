// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// The digest of a sealed model's manifest, by which an enclave says for which state of which model it asks.
///
/// An enclave that the broker trusts to serve opens nothing that its manifest does not name, so that a key released for this digest
/// opens this very model, and no older or mixed one.
public struct ModelDigest: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 32
    /// SHA-256 of the manifest.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
