// SPDX-License-Identifier: Apache-2.0

/// A parsed Intel DCAP quote: well-formed, and not to be trusted before ``QuoteVerifier`` has verified it.
///
/// ECDSA-P256 quotes of versions 3, 4 and 5, of SGX enclaves and of trust domains (Intel DCAP `sgx_quote_3.h`, `sgx_quote_4.h`,
/// `sgx_quote_5.h`).
public struct Quote: Hashable, Sendable {
    /// Most bytes that are read as a quote, padding included.
    public static let maximumSize = 64 * 1024

    /// Version, TEE and quoting enclave.
    public let header: QuoteHeader
    /// What the attested environment is, and what it had the quote bind.
    public let body: QuoteBody
    /// Signature over ``signedBytes`` by the attestation key.
    public let signature: ECDSASignature
    /// Public key that the quoting enclave signs quotes with.
    public let attestationKey: AttestationKey
    /// Report of the quoting enclave, which binds the attestation key.
    public let qeReport: EnclaveReport
    /// The encoded ``qeReport``, as signed.
    public let qeReportBytes: [UInt8]
    /// Signature over the quoting enclave's report by the platform's PCK key.
    public let qeReportSignature: ECDSASignature
    /// Bytes that the quoting enclave's report binds together with the attestation key.
    ///
    /// Any number of them is legal.
    public let qeAuthenticationData: [UInt8]
    /// Which PCK key signed the quoting enclave's report.
    public let certificationData: CertificationData
    /// The encoded quote as it was read, without bytes after its signature data.
    public let encodedBytes: [UInt8]
    /// Number of bytes after the signature data, which are legal and ignored (quotes are often padded).
    public let paddingSize: Int

    let signedSize: Int

    init(
        header: QuoteHeader, body: QuoteBody, signatureData: QuoteSignatureData,
        encodedBytes: [UInt8], signedSize: Int, paddingSize: Int
    ) {
        self.header = header
        self.body = body
        self.signature = signatureData.signature
        self.attestationKey = signatureData.attestationKey
        self.qeReport = signatureData.qeReport
        self.qeReportBytes = signatureData.qeReportBytes
        self.qeReportSignature = signatureData.qeReportSignature
        self.qeAuthenticationData = signatureData.qeAuthenticationData
        self.certificationData = signatureData.certificationData
        self.encodedBytes = encodedBytes
        self.paddingSize = paddingSize
        self.signedSize = signedSize
    }

    /// The encoded header and body, which ``signature`` covers.
    public var signedBytes: ArraySlice<UInt8> { self.encodedBytes[..<self.signedSize] }

    /// The report of the attested enclave; `nil` in a TDX quote.
    public var enclaveReport: EnclaveReport? {
        if case .enclave(let report) = self.body { report } else { nil }
    }

    /// The report of the attested trust domain; `nil` in an SGX quote.
    public var tdReport: TDReport? {
        if case .trustDomain(let report) = self.body { report } else { nil }
    }

    /// What the attested environment had the quote bind.
    public var reportData: ReportData { self.body.reportData }
}
