// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import Synchronization
import TestSupport
import Testing

@testable import ModelServing

@Suite("The versions of a key that is being rotated")
struct KeyVersionsTests {
    private static let former = WrapKey.random()
    private static let keys = KeyVersions(
        current: .init(number: 3, key: .random()), former: [.init(number: 2, key: Self.former), .init(number: 1, key: .random())])

    /// Opens a file that was sealed under a key for the path `a`, and tells how many keys were tried and what was logged.
    private func open(
        sealedUnder key: WrapKey, with keys: KeyVersions, for path: String = "a"
    ) throws -> (opened: Result<[UInt8], any Error>, tries: Int, log: [String]) {
        let scratch = try ScratchFolder()
        let plain = try scratch.write([1, 2, 3], to: "plain")
        _ = try ProtectedFileSealer(key: key).seal(plain, to: scratch.file("sealed"), mountPath: "a")
        var tries = 0
        let log = Mutex<[String]>([])
        let opened = Result {
            try keys.open("the file", log: { line in log.withLock { $0.append(line) } }) { key in
                tries += 1
                let reader = try ProtectedFileReader(path: scratch.file("sealed"), key: key, expectedPath: path)
                return try reader.read(at: 0, count: reader.size)
            }
        }
        return (opened, tries, log.withLock { $0 })
    }

    @Test("what was sealed under a former version opens, and the log says so")
    func formerVersion() throws {
        let (opened, tries, log) = try self.open(sealedUnder: Self.former, with: Self.keys)
        #expect(try opened.get() == [1, 2, 3])
        #expect(tries == 2)
        #expect(log.count == 1 && log[0].contains("the file is sealed under version 2 of its key, and the current one is 3"), "\(log)")
    }

    @Test("what none of them opens is refused with their numbers")
    func noneFits() throws {
        let (opened, tries, log) = try self.open(sealedUnder: .random(), with: Self.keys)
        let error = #expect(throws: ServingError.self) { try opened.get() }
        #expect(error?.code == .noKeyFits)
        #expect(error?.message.contains("none of the 3 versions") == true && error?.message.contains("(versions 3, 2, 1)") == true)
        #expect(tries == 3 && log.isEmpty)
    }

    @Test("any other failure than that of a key that does not fit ends the search")
    func otherFailure() throws {
        let (opened, tries, log) = try self.open(sealedUnder: Self.former, with: Self.keys, for: "b")
        let error = #expect(throws: ProtectedFileError.self) { try opened.get() }
        #expect(error?.code == .pathMismatch)
        #expect(tries == 2 && log.isEmpty)
    }

    @Test("a key without versions fails in the file's own words")
    func single() throws {
        let (opened, tries, _) = try self.open(sealedUnder: Self.former, with: KeyVersions(.random()))
        let error = #expect(throws: ProtectedFileError.self) { try opened.get() }
        #expect(error?.code == .metadataAuthentication)
        #expect(tries == 1)
    }
}
