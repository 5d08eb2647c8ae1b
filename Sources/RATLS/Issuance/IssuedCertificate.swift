// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
public import X509

/// A certificate together with its private key.
public struct IssuedCertificate: Sendable {
    /// The certificate.
    public let certificate: Certificate
    /// Its key, which is never printed.
    public let privateKey: Certificate.PrivateKey

    /// The certificate in PEM form (RFC 7468), with a final newline.
    public func certificatePEM() throws -> String {
        try self.certificate.serializeAsPEM().pemString + "\n"
    }

    /// The private key in PKCS #8 PEM form (RFC 5958), with a final newline.
    public func privateKeyPEM() throws -> String {
        try self.privateKey.serializeAsPEM().pemString + "\n"
    }
}

extension IssuedCertificate: CustomStringConvertible {
    /// The certificate's subject; never the key.
    public var description: String { "certificate for \(self.certificate.subject), key <redacted>" }
}
