// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles

/// Decodes any bytes as a model's manifest: what is accepted says the same when it is written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModelManifest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do {
        let manifest = try ModelManifest(decoding: input)
        guard try ModelManifest(decoding: manifest.encode()) == manifest else { fatalError("a manifest does not survive encoding") }
    } catch let error as ProtectedFileError where error.code == .badManifest {
        // Refused, as most inputs are.
    } catch {
        fatalError("not an error of a manifest: \(error)")
    }
    return 0
}
