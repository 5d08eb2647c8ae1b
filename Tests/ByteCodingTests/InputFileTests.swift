// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import TestSupport
import Testing

@Suite("An input file")
struct InputFileTests {
    @Test("is read up to its limit, and one that is larger is told with it")
    func limit() throws {
        let folder = try ScratchFolder()
        let path = try folder.write([1, 2, 3, 4], to: "file")
        #expect(try InputFile.readAll(path, limit: 4) == [1, 2, 3, 4])
        let error = #expect(throws: FileError.self) { try InputFile.readAll(path, limit: 3) }
        #expect(error?.identifier == "file-too-large" && error?.exitStatus == .badData)
        #expect(error?.message == "\(path) is too large: at most 3 bytes are read here")
        #expect(error?.remedy?.contains("ulimit") == false)
    }
}
