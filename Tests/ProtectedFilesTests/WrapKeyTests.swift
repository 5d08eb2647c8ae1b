// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ProtectedFiles
import TestSupport
import Testing

@Suite("WrapKey")
struct WrapKeyTests {
    @Test("any length but 16 bytes is refused, as bytes and as a file", arguments: [0, 1, 15, 17, 32, 4096])
    func size(count: Int) throws {
        let bytes = [UInt8](repeating: 1, count: count)
        let error = #expect(throws: ProtectedFileError.self) { try WrapKey(bytes.span) }
        #expect(error?.code == .badKeySize)
        let scratch = try ScratchFolder()
        let file = try scratch.write(bytes, to: "key")
        let fileError = #expect(throws: ProtectedFileError.self) { try WrapKey(contentsOfFile: file) }
        #expect(fileError?.code == .badKeySize)
        #expect(fileError?.message.contains("\(count) bytes") == true)
    }

    @Test("a key comes back from its file, which only its owner may read, and is not replaced unasked")
    func file() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("key")
        let key = WrapKey.random()
        try key.write(toFile: path, replacing: false)
        let bytes = key.withBytes { [UInt8](copying: $0) }
        #expect(try WrapKey(contentsOfFile: path).withBytes { [UInt8](copying: $0) } == bytes)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let error = #expect(throws: FileError.self) { try WrapKey.random().write(toFile: path, replacing: false) }
        #expect(error?.identifier == "output-exists")
        try WrapKey.random().write(toFile: path, replacing: true)
        #expect(try InputFile.readAll(path) != bytes)
    }

    @Test("a key shows itself in no description")
    func redaction() {
        let key = Samples.key
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(text.contains("<redacted wrap key>")) }
        #expect(Mirror(reflecting: key).children.isEmpty)
    }
}
