// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// Judges the certificates that TLS clients show: a chain to one of some authorities, valid now, and meant for clients (RFC 5280).
///
/// A value, so that a server can exchange its authorities between two connections. Names are not looked at: who a client may be is told by
/// who issued its certificate.
package struct ClientCertificateVerifier: Sendable {
    private let authorities: CertificateStore

    /// Trusts certificates that these authorities issued.
    ///
    /// * `authorities`: DER.
    /// * `name`: how errors name where they come from.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badPEM`` when one of them cannot be read.
    package init(authorities: [[UInt8]], name: String) throws(RATLSError) {
        do {
            self.authorities = CertificateStore(try authorities.map { try Certificate(derEncoded: $0) })
        } catch {
            throw RATLSError(.badPEM, "\(name) holds a certificate that cannot be read: \(error)", remedy: "give an X.509 certificate")
        }
    }

    /// Whether a client may come in that shows these certificates: its own first, DER.
    package func accepts(_ shown: [[UInt8]]) async -> Bool {
        guard let certificates = try? shown.map({ try Certificate(derEncoded: $0) }), let leaf = certificates.first else { return false }
        var verifier = Verifier(rootCertificates: self.authorities) {
            RFC5280Policy()
            ClientUsagePolicy()
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(certificates.dropFirst())) {
        case .validCertificate: return true
        case .couldNotValidate: return false
        }
    }
}

/// A certificate that says what it may be used for must say so of TLS clients (RFC 5280 section 4.2.1.12).
private struct ClientUsagePolicy: VerifierPolicy {
    /// Alternative names are critical where there is no other name; none of either is looked at.
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [.X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        // Of the authority itself its owner knows what it is for.
        for certificate in chain.dropLast() {
            do {
                guard let usages = try certificate.extensions.extendedKeyUsage else { continue }
                guard usages.contains(.clientAuth) || usages.contains(.any) else {
                    return .failsToMeetPolicy(reason: "the certificate is not meant for TLS clients")
                }
            } catch {
                return .failsToMeetPolicy(reason: "the certificate's extended key usage cannot be read: \(error)")
            }
        }
        return .meetsPolicy
    }
}
