// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why certificates could not be issued.
public struct CertificateIssuanceError: Error, Hashable, Sendable {
    /// What was wrong.
    public let message: String
    /// What to do about it.
    public let remedy: String?
    /// Stable identifier for programs.
    public let identifier: String

    static func malformedName(_ name: String) -> Self {
        Self(
            message: "“\(name)” is neither a DNS name nor an IP address",
            remedy: "give a name such as grpc.tf-serving.service.com, or an address such as 10.0.0.7",
            identifier: "malformed-name")
    }

    static let noNames = Self(message: "a certificate needs at least one name", remedy: nil, identifier: "no-names")

    static func notASet(_ message: String) -> Self {
        Self(message: message, remedy: "give a folder that `sealwright tls issue` made", identifier: "not-a-set")
    }

    static func notAnAuthority(_ message: String) -> Self {
        Self(message: message, remedy: "give the certificate and the key of one authority", identifier: "not-an-authority")
    }

    static func unfitLifetime(days: Int) -> Self {
        Self(message: "a certificate cannot be valid for \(days) days", remedy: "choose 1 to 3650 days", identifier: "unfit-lifetime")
    }
}

extension CertificateIssuanceError: DiagnosableError {
    package var exitStatus: ExitStatus { .usage }
}
