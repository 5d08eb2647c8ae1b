// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// What every certificate of an attestation chain has to be, beyond its place in the chain (RFC 5280 section 4.2, Intel DCAP).
struct CertificateProfile {
    /// Number of CA certificates that may stand between this certificate and the leaf; `nil` for the leaf itself.
    let authoritiesBelow: Int?

    /// Extensions that Intel's certificates have and its own verifier demands.
    private static let required: [(ASN1ObjectIdentifier, String)] = [
        (ObjectIdentifiers.authorityKeyIdentifier, "authority key identifier"),
        (ObjectIdentifiers.crlDistributionPoints, "CRL distribution points"),
        (ObjectIdentifiers.subjectKeyIdentifier, "subject key identifier"),
        (ObjectIdentifiers.keyUsage, "key usage"),
        (ObjectIdentifiers.basicConstraints, "basic constraints"),
    ]

    private static let known = Self.required.map(\.0) + [ObjectIdentifiers.sgx]

    /// The first rule that the certificate breaks, in words; `nil` if it keeps all.
    func violation(by certificate: PKICertificate) -> String? {
        guard certificate.version == 2 else { return "X.509 version \(certificate.version + 1)" }
        guard !certificate.serialNumber.isNegative else { return "negative serial number" }
        guard certificate.publicKey != nil else { return "a key that is not on P-256" }
        guard certificate.signatureAlgorithms.allSatisfy({ $0.elementsEqual(ECDSAProfile.signatureAlgorithm) }) else {
            return "a signature algorithm other than ecdsa-with-SHA256"
        }
        if let unknown = certificate.extensions.unknownCritical(known: Self.known) { return "unknown critical extension \(unknown)" }
        for (identifier, name) in Self.required where certificate.extensions[identifier] == nil { return "no \(name) extension" }
        do {
            return try self.constraintViolation(by: certificate)
        } catch {
            return "an extension that is not DER: \(error)"
        }
    }

    private func constraintViolation(by certificate: PKICertificate) throws -> String? {
        guard let constraints = certificate.extensions[ObjectIdentifiers.basicConstraints],
            let usage = certificate.extensions[ObjectIdentifiers.keyUsage]
        else { return "no basic constraints or key usage extension" }
        let (isAuthority, pathLength) = try Self.basicConstraints(constraints.value)
        let keyUsage = try KeyUsageBits(derEncoded: usage.value)
        guard let authoritiesBelow = self.authoritiesBelow else {
            if isAuthority { return "a leaf that is a CA" }
            return keyUsage.digitalSignature ? nil : "a leaf whose key is not for digital signatures"
        }
        if !isAuthority { return "an issuer that is not a CA" }
        if !keyUsage.keyCertSign { return "an issuer whose key is not for signing certificates" }
        if !keyUsage.crlSign { return "an issuer whose key is not for signing revocation lists" }
        if let pathLength, pathLength < authoritiesBelow { return "a path length of \(pathLength) with \(authoritiesBelow) CAs below" }
        return nil
    }

    private static func basicConstraints(_ value: ArraySlice<UInt8>) throws -> (isAuthority: Bool, pathLength: Int?) {
        try DER.sequence(DER.parse(value), identifier: .sequence) { nodes in
            let isAuthority = try DER.decodeDefault(&nodes, defaultValue: false)
            guard let length = nodes.next() else { return (isAuthority, nil) }
            let pathLength = try Int(derEncoded: length)
            guard isAuthority, pathLength >= 0 else { throw CollateralError("a path length that is negative or not a CA's") }
            return (isAuthority, pathLength)
        }
    }
}

/// The bits of a key usage extension (RFC 5280 section 4.2.1.3).
struct KeyUsageBits {
    let digitalSignature: Bool
    let keyCertSign: Bool
    let crlSign: Bool

    init(derEncoded value: ArraySlice<UInt8>) throws {
        let first = try ASN1BitString(derEncoded: DER.parse(value)).bytes.first ?? 0
        self.digitalSignature = first & 0x80 != 0
        self.keyCertSign = first & 0x04 != 0
        self.crlSign = first & 0x02 != 0
    }
}
