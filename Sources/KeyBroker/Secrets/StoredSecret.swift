// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// A secret that is ready to be released.
public final class StoredSecret: Sendable, CustomStringConvertible {
    /// How the policy describes it.
    public let secret: SecretDescription
    /// Its version, where the store keeps versions.
    public let version: Int?
    /// The secret itself.
    package let bytes: SecretBytes

    /// Size of the wrap keys that ``SecretDescription/Encoding/hexNUL`` is for.
    static let wrapKeySize = 16

    /// Copies a secret.
    ///
    /// `bytes`: the secret itself. Wiping it is the caller's business.
    /// - Throws: ``KeyBrokerError/Code-swift.struct/badSecret`` for a secret that no client could take,
    ///   ``KeyBrokerError/Code-swift.struct/publishedKey`` for one that everybody has.
    init(_ secret: SecretDescription, version: Int? = nil, bytes: Span<UInt8>) throws(KeyBrokerError) {
        guard bytes.count > 0 else {
            throw KeyBrokerError(.badSecret, "the secret `\(secret.name)` (\(secret.source)) is empty", remedy: "make a key: sealwright key generate")
        }
        if secret.encoding == .hexNUL, bytes.count != Self.wrapKeySize {
            throw KeyBrokerError(
                .badSecret,
                "the secret `\(secret.name)` (\(secret.source)) has \(bytes.count) bytes; hex-nul is for wrap keys of \(Self.wrapKeySize)",
                remedy: "use encoding: raw, or a key of \(Self.wrapKeySize) bytes (sealwright key generate)")
        }
        try PublishedKey.refuse(bytes, name: secret.name)
        self.secret = secret
        self.version = version
        self.bytes = SecretBytes(copying: bytes)
    }

    /// The bytes as Gramine's protocol carries them.
    package var payload: SecretBytes {
        switch self.secret.encoding {
        case .raw: self.bytes.withBytes { SecretBytes(copying: $0) }
        case .hexNUL: self.bytes.withBytes { Self.hexNUL($0) }
        }
    }

    /// Never shows the secret.
    public var description: String { "StoredSecret(\(self.secret.name), <redacted>)" }

    /// Digits and a final NUL.
    ///
    /// Strings cannot be wiped, so none is made.
    private static func hexNUL(_ bytes: Span<UInt8>) -> SecretBytes {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2 + 1)
        for index in bytes.indices {
            text.append(Self.digit(bytes[index] >> 4))
            text.append(Self.digit(bytes[index] & 0x0f))
        }
        text.append(0)
        let secret = SecretBytes(copying: text.span)
        wipe(&text)
        return secret
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
