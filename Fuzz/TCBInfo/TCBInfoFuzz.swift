// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import SimulatedTEE

/// Reads TCB info and QE identities: JSON, envelope and content.
///
/// Nothing that is not signed verifies, and nothing crashes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTCBInfo(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    for sample in samples {
        var collateral = sample.collateral
        collateral.tcbInfo = input
        collateral.qeIdentity = input
        let outcome = sample.verifier.verify(sample.quote, collateral: DecodedCollateral(collateral), at: time)
        if outcome.verifiedQuote != nil { fatalError("bytes that nobody signed verify") }
    }
    return 0
}

/// A quote that verifies with its collateral; its keys are new in each run, so that no input can hold their signatures.
private struct Sample {
    let quote: Quote
    let collateral: Collateral
    let verifier: QuoteVerifier

    init(_ form: SimulatedQuoteForm) {
        do {
            let platform = try SimulatedPlatform.create(at: time)
            guard let reportData = ReportData(paddingWithZeros: []) else { fatalError("nothing fits into report data") }
            let encoded = try platform.quote(reportData: reportData, form: form)
            self.quote = try Quote(decoding: encoded.span)
            self.collateral = try platform.collateral(at: time, tee: form.attester.tee)
            // The cache leaves the time to what is fuzzed.
            self.verifier = QuoteVerifier(roots: [platform.rootOfTrust], cache: VerificationCache())
        } catch {
            fatalError("a simulated platform cannot be made: \(error)")
        }
        guard self.verifier.verify(self.quote, collateral: self.collateral, at: time).verifiedQuote != nil else {
            fatalError("the sample does not verify")
        }
    }
}

private let time = Date(timeIntervalSince1970: 1_907_755_200)
private let samples = [
    Sample(SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 3)),
    Sample(SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain()), version: 5)),
]
