// SPDX-License-Identifier: Apache-2.0

import Attestation

/// Reads any bytes as an RA-TLS certificate, and its quote as a quote: what is accepted lies in the certificate as it was read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRATLSCertificate(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let certificate: RATLSCertificate
    do throws(EvidenceError) {
        certificate = try RATLSCertificate(decoding: input)
    } catch {
        // Refused, as most inputs are; the report of it names a check and a remedy.
        guard EvidenceChecks.report(of: error).firstFailure?.remedy?.isEmpty == false else { fatalError("a refusal without a remedy: \(error)") }
        return 0
    }
    guard certificate.certificateDER == input, input.contains(certificate.subjectPublicKeyInfo), input.contains(certificate.quote) else {
        fatalError("key or quote is not what lies in the certificate")
    }
    guard let quote = try? Quote(decoding: certificate.quote.span) else { return 0 }
    let report = certificate.checkBinding(to: quote)
    guard !report.allPassed || quote.reportData == certificate.expectedReportData else { fatalError("a quote of other report data was accepted") }
    return 0
}
