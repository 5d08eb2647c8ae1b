// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One run of verification: makes the checks in their order and stops at the first that fails.
struct Verification {
    let roots: [RootOfTrust]
    let collateral: Collateral
    let time: Date
    var recorder = ReportRecorder(plan: Check.ID.verification)
    /// When everything looked at so far is valid.
    var window = ValidityWindow()
    /// The outcome as far as it is known, for reports of refusals.
    var tcb: TCBEvaluation?

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

    /// Makes the check that something is valid at the time of verification.
    ///
    /// Both bounds belong to the validity.
    mutating func requireValid(_ id: Check.ID, from: Date, until: Date, what: String, source: String, remedy: String) throws(Stop) {
        let time = self.time
        self.window.narrow(from: from, until: until)
        try self.require(
            id, from <= time && time <= until, expected: "\(what) valid at \(time.reportText)",
            found: "valid from \(from.reportText) until \(until.reportText)", source: source, remedy: remedy)
    }

    /// What checking found out beside the quote itself.
    struct Findings {
        let root: RootOfTrust
        let platform: SGXPlatform
        let tcb: TCBEvaluation
        let tcbEvaluationDataNumber: Int
    }

    /// Checks a quote from the first check to the last.
    mutating func run(_ quote: Quote) throws(Stop) -> Findings {
        self.recorder.pass(
            .quoteFormat, found: "version \(quote.header.version) \(quote.header.tee.rawValue) quote, \(quote.encodedBytes.count) bytes",
            source: "quote")
        let attestationKey = try self.checkAttestationKey(quote)
        let pck = try self.checkPCKChain(quote)
        let rootCRL = try self.checkRevocationLists(pck)
        let platform = try self.checkPCKCertificate(pck)

        let tcbSigning = try self.checkSigningChain(.tcbInfo, pem: self.collateral.tcbInfoIssuerChain, pck: pck, rootCRL: rootCRL, known: nil)
        let tcbInfo = try self.checkTCBInfo(signer: tcbSigning)
        let qeSigning = try self.checkSigningChain(
            .qeIdentity, pem: self.collateral.qeIdentityIssuerChain, pck: pck, rootCRL: rootCRL, known: tcbSigning)
        let qeIdentity = try self.checkQEIdentity(signer: qeSigning)

        try self.checkTCBInfoFits(tcbInfo, quote: quote, platform: platform)
        try self.checkQEReport(quote, pck: pck)
        let qeLevel = try self.checkQuotingEnclave(quote, identity: qeIdentity)
        try self.checkQuoteSignature(quote, key: attestationKey)
        let tcb = try self.checkTCB(platform: platform, tcbInfo: tcbInfo, qeLevel: qeLevel)

        return Findings(
            root: pck.root, platform: platform, tcb: tcb,
            tcbEvaluationDataNumber: min(tcbInfo.evaluationDataNumber, qeIdentity.evaluationDataNumber))
    }

    /// Makes the checks of a quote that need no collateral.
    mutating func runSignatures(_ quote: Quote) throws(Stop) {
        let attestationKey = try self.checkAttestationKey(quote)
        let pck = try self.checkPCKChain(quote)
        try self.checkQEReport(quote, pck: pck)
        try self.checkQuoteSignature(quote, key: attestationKey)
    }

    /// The report of what was done.
    func report() -> VerificationReport {
        self.recorder.report(tcbStatus: self.tcb?.status, advisoryIDs: self.tcb?.advisoryIDs ?? [])
    }
}
