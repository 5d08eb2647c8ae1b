// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One run of verification: makes the checks in their order and stops at the first that fails.
///
/// Checks of time alone do not stop it: what is expired is told all at once, and later checks do not depend on it. The end of the run refuses.
struct Verification {
    let roots: [RootOfTrust]
    let collateral: DecodedCollateral
    let time: Date
    let checker: SignatureChecker
    /// Whether the quote is a ``SignedQuote``.
    let isQuoteSignatureChecked: Bool
    var recorder: ReportRecorder
    /// When everything looked at so far is valid.
    var window = ValidityWindow()
    /// The status as far as it is known, for reports of refusals.
    var tcb: TCBEvaluation?

    init(_ verifier: QuoteVerifier, collateral: DecodedCollateral, time: Date, plan: [Check.ID], isQuoteSignatureChecked: Bool = false) {
        self.roots = verifier.roots
        self.collateral = collateral
        self.time = time
        self.checker = SignatureChecker(cache: verifier.cache)
        self.isQuoteSignatureChecked = isQuoteSignatureChecked
        self.recorder = ReportRecorder(plan: plan)
    }

    /// A check failed; the recorder knows which.
    struct Stop: Error {}

    /// Makes one check.
    mutating func require(
        _ id: Check.ID, _ holds: Bool, expected: @autoclosure () -> String, found: @autoclosure () -> String, source: String, remedy: String
    ) throws(Stop) {
        guard holds else {
            self.recorder.fail(id, expected: expected(), found: found(), source: source, remedy: remedy)
            throw Stop()
        }
        self.recorder.pass(id, found: found(), expected: expected(), source: source)
    }

    /// Makes the check that something can be decoded.
    mutating func decode<Value>(
        _ id: Check.ID, expected: String, source: String, remedy: String = Remedies.refetch, found: (Value) -> String,
        _ body: () throws(CollateralError) -> Value
    ) throws(Stop) -> Value {
        do {
            let value = try body()
            self.recorder.pass(id, found: found(value), expected: expected, source: source)
            return value
        } catch {
            self.recorder.fail(id, expected: expected, found: error.message, source: source, remedy: remedy)
            throw Stop()
        }
    }

    /// Makes the check that something is valid at the time of verification; goes on if it is not.
    ///
    /// Both bounds belong to the validity.
    mutating func noteValidity(_ id: Check.ID, from: Date, until: Date, what: String, source: String, remedy: String) {
        let time = self.time
        self.window.narrow(from: from, until: until)
        let (expected, found) = ("\(what) valid at \(time.reportText)", "valid from \(from.reportText) until \(until.reportText)")
        if from <= time && time <= until {
            self.recorder.pass(id, found: found, expected: expected, source: source)
        } else {
            self.recorder.fail(id, expected: expected, found: found, source: source, remedy: remedy)
        }
    }

    /// What checking found out beside the quote itself.
    struct Findings {
        let root: RootOfTrust
        let platform: SGXPlatform
        let tcb: TCBEvaluation
        let tcbEvaluationDataNumber: Int
    }

    /// Checks a quote from the first check to the last.
    mutating func run(_ quote: Quote, extendedTDReports: QuoteVerifier.ExtendedTDReports) throws(Stop) -> Findings {
        try self.checkForm(quote, extendedTDReports: extendedTDReports)
        let attestationKey = try self.checkAttestationKey(quote)
        let pck = try self.checkPCKChain(quote)
        let rootCRL = try self.checkRevocationLists(pck)
        let platform = try self.checkPCKCertificate(pck)

        let tcbSigning = try self.checkSigningChain(.tcbInfo, self.collateral.tcbInfoIssuerChain, pck: pck, rootCRL: rootCRL, known: nil)
        let tcbInfo = try self.checkTCBInfo(signer: tcbSigning)
        let qeSigning = try self.checkSigningChain(
            .qeIdentity, self.collateral.qeIdentityIssuerChain, pck: pck, rootCRL: rootCRL, known: tcbSigning)
        let qeIdentity = try self.checkQEIdentity(signer: qeSigning)

        try self.checkTCBInfoFits(tcbInfo, quote: quote, platform: platform)
        if let report = quote.tdReport { try self.checkTDXModule(report, tcbInfo: tcbInfo) }
        try self.checkQEReportSignature(quote, pck: pck)
        try self.checkAttestationKeyBinding(quote)
        try self.checkQuotingEnclave(quote, identity: qeIdentity)
        try self.checkQuoteSignature(quote, key: attestationKey)
        let tcb = try self.checkTCB(quote, platform: platform, tcbInfo: tcbInfo, qeIdentity: qeIdentity)

        return Findings(
            root: pck.root, platform: platform, tcb: tcb,
            tcbEvaluationDataNumber: min(tcbInfo.evaluationDataNumber, qeIdentity.evaluationDataNumber))
    }

    /// Makes the checks of a quote that need no collateral.
    mutating func runSignatures(_ quote: Quote) throws(Stop) {
        try self.checkCertificationData(quote)
        let attestationKey = try self.checkAttestationKey(quote)
        // Without its chain a quote shows that it is whole, and no more: whose key signed the QE report has to be looked up.
        if quote.certificationData.kind == .pckChain { try self.checkQEReportSignature(quote, pck: try self.checkPCKChain(quote)) }
        try self.checkAttestationKeyBinding(quote)
        try self.checkQuoteSignature(quote, key: attestationKey)
    }

    /// The report of what was done.
    ///
    /// A status is told only where everything holds, or where the status itself refuses.
    func report() -> VerificationReport {
        let tcb = self.recorder.hasFailed && self.tcb?.status != .revoked ? nil : self.tcb
        return self.recorder.report(tcbStatus: tcb?.status, advisoryIDs: tcb?.advisoryIDs ?? [])
    }
}
