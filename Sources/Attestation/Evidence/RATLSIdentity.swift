// SPDX-License-Identifier: Apache-2.0

public import Crypto

/// A key and its RA-TLS certificate: what an enclave shows when it connects.
///
/// The key was made in this process and is nowhere else; it is as short-lived as the connections it is used for.
public struct RATLSIdentity: Sendable, CustomStringConvertible {
    /// The certificate, DER.
    public let certificateDER: [UInt8]
    /// The certificate's private key; `derRepresentation` is its PKCS#8 form.
    public let privateKey: P384.Signing.PrivateKey

    /// Never shows the key.
    public var description: String { "RATLSIdentity(<redacted>)" }
}
