// SPDX-License-Identifier: Apache-2.0

import ModelServing

/// Reads any bytes as the files that come with models; the first byte tells as which.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModelFiles(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let body = Array(input.dropFirst())
    if input[0] % 2 == 0 {
        var reader = TFRecordReader(body.span)
        while let record = try? reader.next() { precondition(record.count <= body.count) }
    } else {
        _ = try? ModelConfiguration(textFormat: String(decoding: body, as: UTF8.self), of: "models.config")
    }
    return 0
}
