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
    /// The first name that does not fit its role or its neighbour, in words.
    let nameViolation: String?
    /// The first certificate that is not what its role demands, in words.
    let profileViolation: String?

    /// Decodes a PEM text that must hold exactly one certificate for each role.
    ///
    /// `cache` may know the issuers' certificates already.
    init(pem: [UInt8], roles: Roles, cache: VerificationCache? = nil) throws(CollateralError) {
        let certificates = try PKICertificate.chain(pem: pem, cache: cache)
        guard certificates.count == roles.names.count else {
            throw CollateralError("\(certificates.count) certificates instead of \(roles.names.count)")
        }
        self.certificates = certificates
        // What depends on nothing but the certificates is found out once, for a chain may be judged many times.
        self.nameViolation = Self.nameViolation(certificates, roles: roles)
        self.profileViolation = Self.profileViolation(certificates)
    }

    var leaf: PKICertificate { self.certificates[0] }
    var root: PKICertificate { self.certificates[self.certificates.count - 1] }

    /// Common names, leaf first.
    var names: String { self.certificates.map { "\"\($0.commonName)\"" }.joined(separator: ", ") }

    /// Issuers and subjects are compared byte for byte.
    private static func nameViolation(_ certificates: [PKICertificate], roles: Roles) -> String? {
        for (index, (certificate, role)) in zip(certificates, roles.names).enumerated() {
            guard certificate.commonName.contains(role) else { return "certificate \(index + 1) is \"\(certificate.commonName)\"" }
            let issuer = index + 1 < certificates.count ? certificates[index + 1] : certificate
            guard certificate.issuer == issuer.subject else {
                return
                    "\"\(certificate.commonName)\" names the issuer \"\(certificate.issuerCommonName)\", which is not the next certificate's subject"
            }
        }
        return nil
    }

    private static func profileViolation(_ certificates: [PKICertificate]) -> String? {
        for (index, certificate) in certificates.enumerated() {
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
