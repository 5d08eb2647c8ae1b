// SPDX-License-Identifier: Apache-2.0

/// A key and its RA-TLS certificate: what an enclave shows when it connects.
///
/// The key was made in this process and is nowhere else; it is as short-lived as the connections it is used for.
public struct RATLSIdentity: Sendable, CustomStringConvertible {
    /// The certificate, DER.
    public let certificateDER: [UInt8]
    /// The certificate's private key.
    public let privateKey: RATLSPrivateKey

    /// Never shows the key.
    public var description: String { "RATLSIdentity(<redacted>)" }
}
