// SPDX-License-Identifier: Apache-2.0

import GramineManifests

/// Reads any bytes as a manifest or its template, and looks for faults in what is one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGramineManifest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let text = String(validating: input, as: UTF8.self), let manifest = try? GramineManifest(text) else { return 0 }
    for version in ["1.3", "1.9"].compactMap(GramineVersion.init(_:)) {
        guard manifest.findings(for: version) == manifest.findings(for: version) else {
            fatalError("the same manifest has other faults the second time")
        }
    }
    return 0
}
