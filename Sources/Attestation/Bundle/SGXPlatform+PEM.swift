// SPDX-License-Identifier: Apache-2.0

extension SGXPlatform {
    /// The platform that a PCK certificate claims to be of, for finding collateral.
    ///
    /// Nothing of it is verified.
    ///
    /// * `chain`: PEM, the PCK certificate first.
    ///
    /// - Throws: ``CollateralError`` when it is no PCK certificate.
    public init(claimedByPCKCertificatePEM chain: [UInt8]) throws(CollateralError) {
        guard let leaf = try PEMBlocks(decoding: chain, label: "CERTIFICATE").blocks.first else { throw CollateralError("no certificate") }
        let certificate = try PKICertificate(derEncoded: leaf)
        try self.init(pckCertificate: certificate, issuerCommonName: certificate.issuerCommonName)
    }
}
