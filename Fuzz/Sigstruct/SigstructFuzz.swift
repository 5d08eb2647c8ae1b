// SPDX-License-Identifier: Apache-2.0

import Attestation

/// Decodes any bytes as a SIGSTRUCT and verifies what is one: only the bytes that the signature covers may be signed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSigstruct(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do throws(SigstructError) {
        let sigstruct = try Sigstruct(decoding: input)
        guard sigstruct.differences(from: sigstruct).isEmpty else { fatalError("a structure differs from itself") }
        // Nobody can have signed another build with the corpus's key, which was not kept.
        if case .verified(let build, _) = sigstruct.verify(), build.mrSigner.hexString == knownSigner,
            sigstruct.mrEnclave.hexString != knownEnclave
        {
            fatalError("a forged signature is accepted")
        }
    } catch {
        guard [SigstructError.Code.wrongSize, .wrongHeader, .reservedBytes].contains(error.code) else { fatalError("an unknown error: \(error)") }
    }
    return 0
}

/// Of `Corpus/signed`.
private let knownSigner = "849161f379159212b2608729712208533645cc126828e064ed1f163ee7c787fb"
private let knownEnclave = "7dc17e5e49b863d3caae987177f558127ac7a767bfd6ea88c4113be14073674f"
