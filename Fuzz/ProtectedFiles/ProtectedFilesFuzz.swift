// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles

/// Opens sealed files that were changed as the input tells.
///
/// The first byte chooses a sample; 0xff means that the rest of the input is the file itself. Else the rest is a row of ``Edit``s.
/// Whatever is read must be what was sealed, unless whoever changed the file knew the key; and only the errors that the reader promises may come.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProtectedFiles(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = input.first else { return 0 }
    if first == 0xff {
        read(Array(input.dropFirst()), expecting: nil, ranges: [])
    } else {
        let sample = Sample.all[Int(first) % Sample.all.count]
        let edits = Edit.decode(input.dropFirst())
        let isForged = edits.contains { $0.kind == .metadata }
        read(sample.edited(by: edits), expecting: isForged ? nil : sample.plaintext, ranges: edits.filter { $0.kind == .read })
    }
    return 0
}

/// Reads ranges, then everything.
private func read(_ file: [UInt8], expecting plaintext: [UInt8]?, ranges: [Edit]) {
    do {
        let reader = try ProtectedFileReader(bytes: file, name: "input", key: Sample.key)
        if let plaintext, reader.size != plaintext.count { fatalError("a size that was never sealed") }
        for range in ranges {
            let (offset, count) = (range.offset, 64 * Int(range.value))
            let bytes = try reader.read(at: offset, count: count)
            let end = min(reader.size, offset + count)
            guard bytes.count == max(0, end - offset) else { fatalError("a range of another length") }
            if let plaintext, !bytes.isEmpty, bytes != Array(plaintext[offset..<end]) { fatalError("bytes that were never sealed") }
        }
        let all = try reader.read(at: 0, count: .max)
        if let plaintext, all != plaintext { fatalError("a file that was never sealed") }
    } catch is ProtectedFileError {
        // Refused.
    } catch {
        fatalError("not an error of the format: \(error)")
    }
}
