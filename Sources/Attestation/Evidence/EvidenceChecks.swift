// SPDX-License-Identifier: Apache-2.0

import ByteCoding

extension Check.ID {
    /// The peer's certificate is an RA-TLS certificate with well-formed evidence.
    public static let evidenceFormat = Check.ID("evidence.format")
    /// The certificate's key is of a kind that RA-TLS uses.
    public static let evidenceKeyKind = Check.ID("evidence.key-kind")
    /// The certificate is signed with its own key.
    public static let evidenceSelfSignature = Check.ID("evidence.self-signature")
    /// The claims beside the quote name the certificate's key.
    public static let evidenceKeyHash = Check.ID("evidence.key-hash")
    /// The quote's report data binds the certificate's key.
    public static let evidenceKeyBinding = Check.ID("evidence.key-binding")
}

/// The checks that bind evidence to a connection's key.
public enum EvidenceChecks {
    /// All of them, in the order in which they are made.
    public static let plan: [Check.ID] = [.evidenceFormat, .evidenceKeyKind, .evidenceSelfSignature, .evidenceKeyHash, .evidenceKeyBinding]

    /// The report for a certificate that could not be read as evidence.
    public static func report(of error: EvidenceError) -> VerificationReport {
        var recorder = ReportRecorder(plan: Self.plan)
        let remedy = error.remedy ?? ""
        if error.code == .unsupportedKey {
            recorder.pass(.evidenceFormat, source: "peer certificate")
            recorder.fail(.evidenceKeyKind, expected: "RSA-3072, P-256 or P-384", found: error.message, source: "peer certificate", remedy: remedy)
        } else {
            recorder.fail(
                .evidenceFormat, expected: "an RA-TLS certificate with a quote", found: error.message, source: "peer certificate", remedy: remedy)
        }
        return recorder.report()
    }
}

extension RATLSCertificate {
    /// Checks that `quote` is evidence for this certificate's key.
    ///
    /// `quote` must be the one decoded from ``quote``; that it is genuine is ``QuoteVerifier``'s part.
    public func checkBinding(to quote: Quote) -> VerificationReport {
        var recorder = ReportRecorder(plan: EvidenceChecks.plan)
        recorder.pass(.evidenceFormat, found: "\(self.form.rawValue), quote of \(self.quote.count) bytes", source: "peer certificate")
        recorder.pass(.evidenceKeyKind, found: self.keyKind.rawValue, source: "peer certificate")
        self.checkSelfSignature(&recorder)
        if !recorder.hasFailed { self.checkKeyHash(&recorder) }
        if !recorder.hasFailed { self.checkReportData(of: quote, &recorder) }
        return recorder.report()
    }

    private func checkSelfSignature(_ recorder: inout ReportRecorder) {
        guard !self.selfSignatureIsValid else { return recorder.pass(.evidenceSelfSignature, source: "peer certificate") }
        recorder.fail(
            .evidenceSelfSignature, expected: "a certificate signed with its own key", found: "another issuer, or a signature that does not hold",
            source: "peer certificate", remedy: "the certificate was changed, or was not made by an RA-TLS library; have the enclave make it anew")
    }

    private func checkKeyHash(_ recorder: inout ReportRecorder) {
        guard let claimed = self.claimedKeyHash else {
            return recorder.pass(.evidenceKeyHash, found: "legacy form: report data binds the key directly", source: "peer certificate")
        }
        guard !claimed.matches(self.subjectPublicKeyInfo) else {
            return recorder.pass(.evidenceKeyHash, found: "\(claimed.algorithm) of the key", source: "claims")
        }
        recorder.fail(
            .evidenceKeyHash, expected: claimed.algorithm.hash(self.subjectPublicKeyInfo).hexString, found: claimed.digest.hexString,
            source: "claim `\(TaggedEvidence.keyHashClaim)`",
            remedy: "the evidence was made for another key: copied from another enclave's certificate, or the certificate was put together wrongly")
    }

    private func checkReportData(of quote: Quote, _ recorder: inout ReportRecorder) {
        let found = quote.reportData
        guard !constantTimeEquals(found.bytes.span, self.expectedReportData.bytes.span) else {
            return recorder.pass(.evidenceKeyBinding, found: found.hexString, source: "quote, report data")
        }
        recorder.fail(
            .evidenceKeyBinding, expected: self.expectedReportData.hexString, found: found.hexString, source: "quote, report data",
            remedy: "the quote was made for another key: copied from another enclave's certificate, or the certificate was put together wrongly")
    }
}
