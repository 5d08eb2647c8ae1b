// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SecretProvisioning

/// Reads any bytes as both messages of Gramine's protocol, at once and byte by byte: what comes of it must not depend on how a stream is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProvisioningMessages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let bytewise = input.map { [$0] }
    guard response([input]) == response(bytewise) else { fatalError("a response depends on how it is cut") }
    guard request([input]) == request(bytewise) else { fatalError("a request depends on how it is cut") }
    return 0
}

/// The secret; `nil` for a response that is refused or not whole.
private func response(_ pieces: [[UInt8]]) -> [UInt8]? {
    var parser = ProvisioningResponseParser(sizeLimit: 4096)
    for piece in pieces {
        guard let progress = try? parser.receive(piece.span) else { return nil }
        if progress == .complete { break }
    }
    guard let secret = try? parser.takeSecret() else { return nil }
    return secret.withBytes { [UInt8](copying: $0) }
}

/// Whether the request is whole; `nil` for one that is refused.
private func request(_ pieces: [[UInt8]]) -> Bool? {
    var parser = ProvisioningRequestParser()
    for piece in pieces {
        guard let progress = try? parser.receive(piece.span) else { return nil }
        if progress == .complete { return true }
    }
    return false
}
