// SPDX-License-Identifier: Apache-2.0

extension Quote {
    /// The platform that the quote's own PCK certificate names, for finding collateral.
    ///
    /// Nothing of it is verified.
    ///
    /// `nil` if the quote does not embed its PCK certificate (certification data types 1 to 3). Throws if the certificate is malformed.
    public func claimedPlatform() throws(QuoteError) -> SGXPlatform? {
        guard self.certificationData.kind == .pckChain || self.certificationData.kind == .pckCertificate else { return nil }
        do throws(CollateralError) {
            guard let leaf = try PEMBlocks(decoding: self.certificationData.content, label: "CERTIFICATE").blocks.first else {
                throw CollateralError("no certificate")
            }
            let certificate = try PKICertificate(derEncoded: leaf)
            return try SGXPlatform(pckCertificate: certificate, issuerCommonName: certificate.issuerCommonName)
        } catch {
            throw QuoteError(.certificationData, "PCK certificate in the quote: \(error.message)")
        }
    }
}
