// SPDX-License-Identifier: Apache-2.0

/// A decoded PCK chain, and what its leaf says about the platform.
struct PCKChain: Sendable {
    let chain: CertificateChain
    /// The platform, or why the leaf does not describe one.
    let platform: Result<SGXPlatform, CollateralError>

    /// Decodes a PEM text of PCK certificate, PCK CA and root CA.
    init(pem: [UInt8], cache: VerificationCache? = nil) throws(CollateralError) {
        let chain = try CertificateChain(pem: pem, roles: .pck, cache: cache)
        self.chain = chain
        do {
            self.platform = .success(try SGXPlatform(pckCertificate: chain.leaf, issuerCommonName: chain.certificates[1].commonName))
        } catch {
            self.platform = .failure(error)
        }
    }
}
