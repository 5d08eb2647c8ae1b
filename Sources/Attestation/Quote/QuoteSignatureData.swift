// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// The signature data of a quote: what comes after the signed bytes.
struct QuoteSignatureData {
    let signature: ECDSASignature
    let attestationKey: AttestationKey
    let qeReport: EnclaveReport
    let qeReportBytes: [UInt8]
    let qeReportSignature: ECDSASignature
    let qeAuthenticationData: [UInt8]
    let certificationData: CertificationData

    /// Certification data type of versions 4 and 5, which wraps the quoting enclave's part.
    private static let qeReportCertificationDataType: UInt16 = 6

    init(decoding bytes: Span<UInt8>, version: UInt16) throws(QuoteError) {
        var reader = ByteReader(bytes)
        self.signature = try reader.value(ECDSASignature.self, "quote signature")
        self.attestationKey = try reader.value(AttestationKey.self, "attestation key")
        if version >= 4 { try Self.enterQEReportCertificationData(&reader) }

        let reportBytes = try reader.bytes(EnclaveReport.size, of: "QE report")
        self.qeReportBytes = reportBytes
        self.qeReport = try EnclaveReport(decoding: reportBytes.span, named: "QE report")
        self.qeReportSignature = try reader.value(ECDSASignature.self, "QE report signature")
        let authenticationSize = try reader.uint16("QE authentication data size")
        self.qeAuthenticationData = try reader.bytes(Int(authenticationSize), of: "QE authentication data")

        let type = try reader.uint16("certification data type")
        let size = Int(try reader.uint32("certification data size"))
        guard size == reader.remaining else {
            throw QuoteError(
                .malformedSignatureData, "certification data size \(size), but \(reader.remaining) bytes are left for it in the signature data")
        }
        self.certificationData = try CertificationData(type: type, content: try reader.bytes(size, of: "certification data"))
    }

    private static func enterQEReportCertificationData(_ reader: inout ByteReader) throws(QuoteError) {
        let type = try reader.uint16("certification data type")
        guard type == self.qeReportCertificationDataType else {
            throw QuoteError(.certificationData, "outer certification data type \(type) is not \(self.qeReportCertificationDataType)")
        }
        let size = Int(try reader.uint32("certification data size"))
        guard size == reader.remaining else {
            throw QuoteError(.malformedSignatureData, "outer certification data size \(size), but \(reader.remaining) bytes are left for it")
        }
    }
}
