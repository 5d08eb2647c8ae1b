// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SecretProvisioning

/// Decodes any bytes as secrets that answer a challenge: there is one encoding, so that what is accepted encodes to the same bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReleasedSecrets(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    // Only the errors that the decoder promises are thrown: it says so in its type.
    guard let secrets = try? ReleasedSecrets.decode(input.span) else { return 0 }
    guard let encoded = try? ReleasedSecrets.encode(secrets), encoded.withBytes({ [UInt8](copying: $0) }) == input else {
        fatalError("secrets do not encode to what they were decoded from")
    }
    return 0
}
