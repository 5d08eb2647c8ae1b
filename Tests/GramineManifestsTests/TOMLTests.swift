// SPDX-License-Identifier: Apache-2.0

import GramineManifests
import Testing

@Suite("TOML of manifests")
struct TOMLTests {
    /// The keys that no release of Gramine knows are all of them here, so the lint's findings are what was read.
    private static func keys(_ text: String) throws -> Set<String> {
        Set(try GramineManifest(text).findings(for: .newest).filter { $0.rule == "unknown-key" }.map(\.key))
    }

    @Test(
        "keys are read in every form",
        arguments: [
            ("a = 1", ["a"]), ("a.b.c = 1\na.b.d = 2", ["a.b.c", "a.b.d"]), ("[a]\nb = 1\n[a.c]\nd = 2", ["a.b", "a.c.d"]),
            ("[a.b]\nc = 1\n[a]\nd = 2", ["a.b.c", "a.d"]),
            ("a = { b = 1, 'c d' = \"x\" }", ["a.b", "a.c d"]), ("[[a]]\nb = 1\n[[a]]\nb = 2", ["a"]), ("a = [1, # one\n [2, 3], ]", ["a"]),
            ("a = \"\"\"\nx\\\n   y\"\"\"\"\nb = '''\n'x'''", ["a", "b"]), ("a = 1979-05-27T07:32:00Z\nb = 0x1F\nc = 1_000.5e-3", ["a", "b", "c"]),
            ("# only this\n\r\n", []),
        ] as [(String, Set<String>)])
    func forms(text: String, keys: Set<String>) throws { #expect(try Self.keys(text) == keys) }

    @Test(
        "what is not TOML is refused",
        arguments: [
            "a", "a =", "= 1", "a = 1 b = 2", "a = 1\na = 2", "a = 1\na.b = 2", "[a]\n[a]", "[[a]\n]", "[ [a]]", "[[a] ]", "[[", "[", "[a.]", "[]",
            "a = [1 2]", "a = [", "a = {b = 1,}",
            "a = {b = 1", "a = {b = 1}\na.c = 2", "[[a]]\n[a]", "[a]\n[[a]]", "a = [{}]\n[[a]]", "a = 01", "a = 1__0", "a = _1", "a = 1.", "a = .5",
            "a = 0x", "a = 9223372036854775808",
            "a = 1979-02-30", "a = 25:00:00", "a = True", "a = \"\\q\"", "a = \"\\ud800\"", "a = \"x", "a = 'x", "a = \"\"\"x\"\"", "a = \"\u{1}\"",
            "# \u{1}", "é = 1",
        ])
    func refused(text: String) { #expect(throws: ManifestError.self) { try GramineManifest(text) } }

    @Test("every truncation of a manifest is read or refused, and never ends the process")
    func truncations() {
        let text = "a.'b c' = [1, {d = \"\\u00e9\"}, '''x'''] # y\n[[e.f]]\ng = \"\"\"z\"\"\"\n[h]\ni = 1979-05-27 07:32:00.5-07:00\n"
        for length in 0...text.unicodeScalars.count {
            _ = try? GramineManifest(String(String.UnicodeScalarView(text.unicodeScalars.prefix(length))))
        }
    }

    @Test("nesting has a limit, at −1, 0 and +1", arguments: [(63, true), (64, true), (65, false)])
    func nesting(depth: Int, isRead: Bool) {
        let text = "a = " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(((try? GramineManifest(text)) != nil) == isRead)
    }
}
