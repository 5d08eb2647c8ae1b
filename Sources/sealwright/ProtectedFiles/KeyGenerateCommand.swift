// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ProtectedFiles

/// `sealwright key generate`: a new wrap key in a file.
struct KeyGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Writes a new random wrap key of 128 bits to a file.",
        discussion: """
            The file holds the 16 raw bytes, as Gramine's tools expect, and only its owner may read it.

            Example: sealwright key generate --output keys/wrap-key
            """
    )

    @Option(name: .long, help: ArgumentHelp("The key file to make.", valueName: "file"))
    var output: String

    @Flag(name: .long, help: "Replace the file if it exists. Whatever was sealed with the old key can then no longer be opened.")
    var force = false

    @Flag(name: .long, help: "Print the result, or the error, as JSON.")
    var json = false

    func run() throws {
        try WrapKey.random().write(toFile: self.output, replacing: self.force)
        let bits = WrapKey.byteCount * 8
        print(
            self.json ? try JSONText.line(Result(bits: bits, output: self.output)) : "wrote a wrap key of \(bits) bits: \(self.output)\n",
            terminator: "")
    }

    private struct Result: Encodable {
        let bits: Int
        let output: String
    }
}
