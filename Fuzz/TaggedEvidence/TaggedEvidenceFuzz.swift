// SPDX-License-Identifier: Apache-2.0

import Attestation

/// Decodes any bytes as TCG DICE tagged evidence (CBOR): there is one encoding of what is accepted, so that it encodes to the same bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTaggedEvidence(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    // Only the errors that the decoder promises are thrown: it says so in its type.
    guard let evidence = try? TaggedEvidence(decoding: input.span) else { return 0 }
    guard evidence.encode() == input else { fatalError("evidence does not encode to what it was decoded from") }
    return 0
}
