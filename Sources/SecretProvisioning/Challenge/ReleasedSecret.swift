// SPDX-License-Identifier: Apache-2.0

public import ByteCoding

/// A secret that a broker released in answer to a challenge.
public final class ReleasedSecret: Sendable, CustomStringConvertible {
    /// Its name in the broker's policy.
    public let name: String
    /// Its version; 0 where the broker keeps none.
    public let version: UInt32
    /// The secret itself.
    public let bytes: SecretBytes

    /// Copies a secret.
    package init(name: String, version: UInt32, bytes: Span<UInt8>) {
        self.name = name
        self.version = version
        self.bytes = SecretBytes(copying: bytes)
    }

    /// Never shows the secret.
    public var description: String { "ReleasedSecret(\(self.name), version \(self.version), <redacted>)" }
}

/// The plaintext of an answer: a mark, and each secret after its name, version and length.
///
/// Binary, for text could not be wiped:
/// ```
/// "SWRS" 01                       5 bytes
/// count                           2 bytes, most significant first, as all numbers
/// count times:  name length 2, name (UTF-8), version 4, secret length 4, secret
/// ```
package enum ReleasedSecrets {
    private static let mark = Array("SWRS".utf8) + [1]
    /// Most secrets of one answer.
    package static let countLimit = 256
    /// Longest name, in bytes.
    package static let nameLimit = 1024

    /// Writes secrets one after the other.
    package static func encode(_ secrets: [ReleasedSecret]) throws(SecretProvisioningError) -> SecretBytes {
        guard secrets.count <= Self.countLimit else {
            throw SecretProvisioningError(.badSecretSize, "\(secrets.count) secrets are too many for one answer")
        }
        var size = Self.mark.count + 2
        for secret in secrets { size += 10 + secret.name.utf8.count + secret.bytes.count }
        // Reserved at once, so that growing leaves no copies behind.
        var writer = ByteWriter(reservingCapacity: size)
        writer.write(Self.mark)
        writer.writeBigEndian(UInt16(truncatingIfNeeded: secrets.count))
        for secret in secrets {
            writer.writeBigEndian(UInt16(truncatingIfNeeded: secret.name.utf8.count))
            writer.write(Array(secret.name.utf8))
            writer.writeBigEndian(secret.version)
            writer.writeBigEndian(UInt32(truncatingIfNeeded: secret.bytes.count))
            secret.bytes.withBytes { writer.write(span: $0) }
        }
        let encoded = SecretBytes(copying: writer.bytes.span)
        writer.wipe()
        return encoded
    }

    /// Reads them back.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badResponse`` for anything that ``encode(_:)`` does not write.
    package static func decode(_ bytes: Span<UInt8>) throws(SecretProvisioningError) -> [ReleasedSecret] {
        do {
            return try Self.decodeAll(bytes)
        } catch let error as SecretProvisioningError {
            throw error
        } catch {
            throw Self.failure("\(error)")
        }
    }

    private static func decodeAll(_ bytes: Span<UInt8>) throws -> [ReleasedSecret] {
        var reader = ByteReader(bytes)
        guard try reader.readArray(Self.mark.count) == Self.mark else { throw Self.failure("it begins with another mark") }
        let count = Int(try reader.readBigEndian(UInt16.self))
        guard count <= Self.countLimit else { throw Self.failure("it announces \(count) secrets") }
        var secrets: [ReleasedSecret] = []
        for _ in 0..<count { secrets.append(try Self.decodeSecret(&reader)) }
        try reader.requireEnd()
        return secrets
    }

    private static func decodeSecret(_ reader: inout ByteReader) throws -> ReleasedSecret {
        let nameCount = Int(try reader.readBigEndian(UInt16.self))
        guard nameCount <= Self.nameLimit, let name = String(validating: try reader.readArray(nameCount), as: UTF8.self) else {
            throw Self.failure("the name of a secret is none")
        }
        let version = try reader.readBigEndian(UInt32.self)
        let count = Int(try reader.readBigEndian(UInt32.self))
        let bytes = try reader.readBytes(count)
        guard bytes.count > 0 else { throw Self.failure("the secret `\(name.prefix(80))` is empty") }
        return ReleasedSecret(name: name, version: version, bytes: bytes)
    }

    private static func failure(_ problem: String) -> SecretProvisioningError {
        SecretProvisioningError(
            .badResponse, "the broker's answer cannot be read: \(problem)", remedy: "compare the versions of this program and of the broker")
    }
}
