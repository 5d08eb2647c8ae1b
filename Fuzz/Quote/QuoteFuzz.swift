// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation

/// Decodes quotes of every version, and verifies without collateral what can be decoded.
///
/// What was decoded is a part of the input, whole; nothing verifies without collateral; and only the errors that the decoder promises may come.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQuote(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let quote = try? Quote(decoding: input.span) else { return 0 }
    guard quote.encodedBytes + input.suffix(quote.paddingSize) == input, quote.signedBytes.count < quote.encodedBytes.count else {
        fatalError("the decoded quote is not the input")
    }
    _ = try? quote.claimedPlatform()
    _ = quote.certificationData.platformIdentification
    let outcome = QuoteVerifier(roots: [.intelSGX], extendedTDReports: .accepted).verify(quote, collateral: nothing, at: time)
    guard outcome.verifiedQuote == nil, outcome.report.firstFailure != nil else { fatalError("a quote verifies without collateral") }
    return 0
}

private let nothing = Collateral(
    tcbInfo: [], tcbInfoIssuerChain: [], qeIdentity: [], qeIdentityIssuerChain: [], pckCRL: [], pckCRLIssuerChain: [], rootCACRL: [])
private let time = Date(timeIntervalSince1970: 1_907_755_200)
