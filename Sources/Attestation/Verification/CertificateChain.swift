// SPDX-License-Identifier: Apache-2.0

/// Certificates from leaf to root, each issued by the next.
struct CertificateChain: Sendable {
    /// What kind of chain it is: which names its certificates have to contain, leaf first.
    struct Roles {
        let names: [String]

        static let pck = Roles(names: ["SGX PCK Certificate", "CA", "SGX Root CA"])
        static let tcbSigning = Roles(names: ["SGX TCB Signing", "SGX Root CA"])
    }

    let certificates: [PKICertificate]

    /// Decodes a PEM text that must hold exactly one certificate for each role.
    init(pem: [UInt8], roles: Roles) throws(CollateralError) {
        let certificates = try PKICertificate.chain(pem: pem)
        guard certificates.count == roles.names.count else {
            throw CollateralError("\(certificates.count) certificates instead of \(roles.names.count)")
        }
        self.certificates = certificates
    }

    var leaf: PKICertificate { self.certificates[0] }
    var root: PKICertificate { self.certificates[self.certificates.count - 1] }

    /// Common names, leaf first.
    var names: String { self.certificates.map { "\"\($0.commonName)\"" }.joined(separator: ", ") }

    /// The first name that does not fit its role or its neighbour, in words.
    ///
    /// Issuers and subjects are compared byte for byte.
    func nameViolation(roles: Roles) -> String? {
        for (index, (certificate, role)) in zip(self.certificates, roles.names).enumerated() {
            guard certificate.commonName.contains(role) else { return "certificate \(index + 1) is \"\(certificate.commonName)\"" }
            let issuer = index + 1 < self.certificates.count ? self.certificates[index + 1] : certificate
            guard certificate.issuer == issuer.subject else {
                return
                    "\"\(certificate.commonName)\" names the issuer \"\(certificate.issuerCommonName)\", which is not the next certificate's subject"
            }
        }
        return nil
    }

    /// The first certificate that is not what its role demands, in words.
    func profileViolation() -> String? {
        for (index, certificate) in self.certificates.enumerated() {
            let profile = CertificateProfile(authoritiesBelow: index == 0 ? nil : index - 1)
            if let violation = profile.violation(by: certificate) { return "\"\(certificate.commonName)\" has \(violation)" }
        }
        return nil
    }

    /// The first certificate that is not signed by the next one, in words.
    ///
    /// The root is trusted by its pin, not by its own signature.
    func signatureViolation(_ checker: SignatureChecker) -> String? {
        for (certificate, issuer) in zip(self.certificates, self.certificates.dropFirst()) {
            guard checker.isValid(.der(certificate.signature), over: certificate.signedDigest, by: issuer.publicKey) else {
                return "\"\(certificate.commonName)\" is not signed by the key of \"\(issuer.commonName)\""
            }
        }
        return nil
    }
}
