// SPDX-License-Identifier: Apache-2.0

/// What a quote's collateral depends on: quotes with the same key are verified with the same collateral.
public struct CollateralKey: Hashable, Sendable {
    /// Which TEE the statements are about: TCB info and QE identity differ between the two.
    public let tee: TEE
    /// The platform's model, for which TCB info is published.
    public let fmspc: FMSPC
    /// Who issued the platform's PCK certificate, and so which revocation list counts.
    public let certificateAuthority: SGXPlatform.CertificateAuthority

    /// Makes a key from its parts.
    public init(tee: TEE, fmspc: FMSPC, certificateAuthority: SGXPlatform.CertificateAuthority) {
        self.tee = tee
        self.fmspc = fmspc
        self.certificateAuthority = certificateAuthority
    }
}

extension CollateralKey: CustomStringConvertible {
    /// TEE, FMSPC and CA on one line, for people: `SGX, FMSPC 00606a000000, platform CA`.
    public var description: String { "\(self.tee.rawValue), FMSPC \(self.fmspc), \(self.certificateAuthority.rawValue) CA" }
}
