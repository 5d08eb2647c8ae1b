// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// The server's one message in Gramine's secret provisioning protocol, version 1.
///
/// A fixed text with a final NUL, the secret's size as four bytes, most significant first, and the secret.
public enum ProvisioningResponse {
    /// The fixed text with its final NUL, 37 bytes.
    public static let prefix: [UInt8] = Array("SECRET_PROVISION_RA_TLS_RESPONSE_V1:".utf8) + [0]
    /// Length of everything before the secret.
    public static let headerLength = 41
    /// The largest secret that the protocol can carry: its size is a signed number on both sides.
    public static let largestSecret = Int(Int32.max)

    /// Everything before a secret of `secretCount` bytes.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badSecretSize`` for an empty secret, which clients refuse, or one beyond ``largestSecret``.
    public static func header(secretCount: Int) throws(SecretProvisioningError) -> [UInt8] {
        guard secretCount > 0, secretCount <= Self.largestSecret, let size = UInt32(exactly: secretCount) else {
            throw SecretProvisioningError(
                .badSecretSize, "a secret of \(secretCount) bytes cannot be provisioned", remedy: "secrets are 1 to \(Self.largestSecret) bytes long")
        }
        var writer = ByteWriter(reservingCapacity: Self.headerLength)
        writer.write(Self.prefix)
        writer.writeBigEndian(size)
        return writer.bytes
    }
}
