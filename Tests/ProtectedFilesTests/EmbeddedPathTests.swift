// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import Testing

@Suite("Embedded paths")
struct EmbeddedPathTests {
    @Test(
        "a path is embedded in normal form",
        arguments: [
            ("a", "a"), ("./a", "a"), ("a//b", "a/b"), ("a/./b/", "a/b"), ("a/../b", "b"), ("a//b/../b/c.pb", "a/b/c.pb"), ("../a", "../a"),
            ("../../a", "../../a"), ("a/../../b", "../b"), ("/a", "/a"), ("//a", "/a"), ("/../a", "/a"), ("/a/../../b", "/b"),
            ("/tmp/pf-vectors/q/../abs2.pb", "/tmp/pf-vectors/abs2.pb"), ("...", "..."), ("..a/b", "..a/b"), ("ä/é", "ä/é"), (" ", " "),
            ("e\u{301}", "e\u{301}"),
        ])
    func normalForm(path: String, expected: String) throws {
        let sealed = try ProtectedFileSealer(key: Samples.key).seal([], mountPath: path)
        let reader = try ProtectedFileReader(bytes: sealed, name: "f", key: Samples.key, expectedPath: path)
        #expect(Array(reader.embeddedPath.utf8) == Array(expected.utf8))
    }

    @Test("letters are compared as bytes: a composed letter is not a decomposed one, upper case is not lower case")
    func bytes() throws {
        let sealed = try ProtectedFileSealer(key: Samples.key).seal([], mountPath: "e\u{301}x")
        for other in ["\u{e9}x", "e\u{301}X"] {
            let error = #expect(throws: ProtectedFileError.self) {
                try ProtectedFileReader(bytes: sealed, name: "f", key: Samples.key, expectedPath: other)
            }
            #expect(error?.code == .pathMismatch)
        }
    }

    @Test("a path that names no file is refused", arguments: ["", ".", "./", "a/..", "/", "/.."])
    func empty(path: String) {
        let error = #expect(throws: ProtectedFileError.self) { try ProtectedFileSealer(key: Samples.key).seal([], mountPath: path) }
        #expect(error?.code == .pathEmpty)
    }

    @Test("771 bytes fit, 772 do not, and what normalising removes does not count")
    func length() throws {
        let sealer = ProtectedFileSealer(key: Samples.key)
        let longest = String(repeating: "x", count: 771)
        let reader = try ProtectedFileReader(bytes: try sealer.seal([5], mountPath: "./" + longest), name: "f", key: Samples.key)
        #expect(reader.embeddedPath == longest)
        let error = #expect(throws: ProtectedFileError.self) { try sealer.seal([5], mountPath: longest + "x") }
        #expect(error?.code == .pathTooLong)
    }

    @Test("a zero byte would end the path early, and is refused")
    func null() {
        let error = #expect(throws: ProtectedFileError.self) { try ProtectedFileSealer(key: Samples.key).seal([], mountPath: "a\0b") }
        #expect(error?.code == .pathHasNull)
    }
}
