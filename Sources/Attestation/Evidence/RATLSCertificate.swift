// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import SwiftASN1
import X509

/// A self-signed certificate that carries a quote, which binds the certificate's key to an enclave (RA-TLS, as Gramine does it).
///
/// Reading it decides nothing about trust: the quote has to be verified, and ``checkBinding(to:)`` has to pass for the same quote.
/// Proof that the peer holds the certificate's key is TLS's part.
public struct RATLSCertificate: Hashable, Sendable {
    /// Which extension the evidence was taken from.
    public enum Form: String, Hashable, Sendable, Codable {
        /// Gramine's own extension with the raw quote, in every version.
        case legacy
        /// TCG DICE tagged evidence (2.23.133.5.4.9), Gramine 1.8 and later.
        case taggedEvidence = "tagged-evidence"
    }

    /// The kinds of keys that RA-TLS certificates have.
    public enum KeyKind: String, Hashable, Sendable, Codable {
        /// RSA of 3072 bits: Graphene, and Gramine up to 1.3.
        case rsa3072 = "RSA-3072"
        /// ECDSA on NIST P-256.
        case p256 = "P-256"
        /// ECDSA on NIST P-384: Gramine from 1.4.
        case p384 = "P-384"
    }

    /// The certificate as it was read.
    public let certificateDER: [UInt8]
    /// Which extension the evidence was taken from.
    ///
    /// Tagged evidence alone decides where it is present.
    public let form: Form
    /// The encoded quote, not yet parsed.
    public let quote: [UInt8]
    /// The kind of the certificate's key.
    public let keyKind: KeyKind
    /// The certificate's SubjectPublicKeyInfo in DER, exactly as it lies in the certificate.
    public let subjectPublicKeyInfo: [UInt8]
    /// What the quote's report data must be to be evidence for this certificate.
    public let expectedReportData: ReportData

    /// Whether the certificate's signature is of its own key.
    let selfSignatureIsValid: Bool
    /// The hash of the key that tagged evidence claims; the legacy form has none beside ``expectedReportData``.
    let claimedKeyHash: TaggedEvidence.KeyHash?

    /// Reads a certificate and finds the evidence in it.
    ///
    /// - Throws: ``EvidenceError`` for anything but a certificate with a key of a known kind and one well-formed piece of evidence.
    public init(decoding der: [UInt8]) throws(EvidenceError) {
        guard der.count <= Self.maximumCertificateSize else {
            throw EvidenceError(.malformedCertificate, "certificate of \(der.count) bytes, at most \(Self.maximumCertificateSize) are read")
        }
        let certificate: Certificate
        do { certificate = try Certificate(derEncoded: der) } catch { throw Self.describe(error) }
        let subjectPublicKeyInfo = try SubjectPublicKeyInfoReader.bytes(inCertificate: der)
        self.certificateDER = der
        self.subjectPublicKeyInfo = subjectPublicKeyInfo
        self.keyKind = try SubjectPublicKeyInfoReader.keyKind(of: certificate.publicKey, subjectPublicKeyInfo)
        self.selfSignatureIsValid =
            certificate.issuer == certificate.subject && certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
        // As in Gramine's verifier: where tagged evidence is present it alone decides, so that a fault in it cannot be got round.
        if let value = try Self.value(of: [.taggedEvidence], in: certificate.extensions) {
            let evidence = try TaggedEvidence(decoding: Array(value).span)
            self.form = .taggedEvidence
            self.quote = evidence.quote
            self.claimedKeyHash = evidence.keyHash
            self.expectedReportData = ReportData(digest: SHA256.hash(data: evidence.claims))
        } else if let value = try Self.value(of: [.malformedGramineQuote, .gramineQuote], in: certificate.extensions) {
            self.form = .legacy
            self.quote = Array(value)
            self.claimedKeyHash = nil
            self.expectedReportData = ReportData(digest: SHA256.hash(data: subjectPublicKeyInfo))
        } else {
            throw EvidenceError(.noEvidence, "the certificate has no extension with a quote")
        }
    }

    /// Most bytes of a certificate that are read; Gramine's are up to 14 kB.
    public static let maximumCertificateSize = 32 * 1024
    /// Sizes that Gramine's verifier accepts of the value of either extension.
    static let extensionSizes = 128...8192

    private static func value(
        of identifiers: [ASN1ObjectIdentifier], in extensions: Certificate.Extensions
    ) throws(EvidenceError) -> ArraySlice<UInt8>? {
        let found = extensions.filter { identifiers.contains($0.oid) }
        guard found.count <= 1 else { throw EvidenceError(.malformedEvidence, "the certificate holds two quotes of the same form") }
        guard let found = found.first else { return nil }
        guard !found.critical else { throw EvidenceError(.malformedEvidence, "extension \(found.oid) is marked critical") }
        guard Self.extensionSizes.contains(found.value.count) else {
            let range = Self.extensionSizes
            throw EvidenceError(
                .malformedEvidence, "extension \(found.oid) holds \(found.value.count) bytes, \(range.lowerBound) to \(range.upperBound) wanted")
        }
        return found.value
    }

    private static func describe(_ error: any Error) -> EvidenceError {
        if let error = error as? CertificateError, error.code == .unsupportedPublicKeyAlgorithm {
            return EvidenceError(.unsupportedKey, "the certificate's key is of an unknown kind: \(error)")
        }
        return EvidenceError(.malformedCertificate, "not an X.509 certificate: \(error)")
    }
}

extension ASN1ObjectIdentifier {
    /// TCG DICE tagged evidence.
    static let taggedEvidence: ASN1ObjectIdentifier = [2, 23, 133, 5, 4, 9]
    /// The identifier of Gramine's quote extension as it was meant.
    static let gramineQuote: ASN1ObjectIdentifier = [1, 2, 840, 113741, 1337, 6]
    /// The identifier that Gramine writes: the tag and length of the one meant got into its content (06 09 2A 86 48 ...), so that it reads as 0.6.9.42...
    static let malformedGramineQuote: ASN1ObjectIdentifier = [0, 6, 9, 42, 840, 113741, 1337, 6]
}

extension ReportData {
    /// A SHA-256 digest and 32 zeros, as RA-TLS puts it into report data.
    init(digest: SHA256.Digest) {
        guard let value = ReportData(paddingWithZeros: Array(digest)) else { preconditionFailure("a digest of 32 bytes fits into 64") }
        self = value
    }
}
