// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ProtectedFiles

/// `sealwright rewrap`: sealed files under another wrap key.
struct RewrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrap",
        abstract: "Puts a sealed file, or a folder of them, under another wrap key.",
        discussion: """
            Only the first node of each file is encrypted again: the keys of all others are stored in the file itself, below it. The old \
            key alone then no longer opens the new file.

            That protects when the old key is retired, or was lost without a copy of the sealed file. It does NOT protect against somebody \
            who had the old key and a copy of the old file: they know the keys of the nodes, and with them can read all of the new file but \
            its first 3072 bytes, and change it unnoticed. Against them use --deep, which encrypts every node under a fresh key.

            A folder's manifest is checked first, and written anew. The output may be the input with --force.

            Example: sealwright rewrap --key keys/old --new-key keys/new --input sealed/guesslang --output sealed/guesslang.new
            """
    )

    @Option(name: .long, help: ArgumentHelp("The wrap key that the input is sealed with.", valueName: "file"))
    var key: String

    @Option(name: .long, help: ArgumentHelp("The wrap key to seal it with.", valueName: "file"))
    var newKey: String

    @Option(name: .long, help: ArgumentHelp("The sealed file or folder.", valueName: "path"))
    var input: String

    @Option(name: .long, help: ArgumentHelp("The file or folder to make.", valueName: "path"))
    var output: String

    @Flag(name: .long, help: "Encrypt everything again under fresh keys.")
    var deep = false

    @Flag(name: .long, help: "Replace the output if it exists.")
    var force = false

    @OptionGroup var options: ProtectedFileOptions

    func run() async throws {
        let rewrapper = ProtectedFileRewrapper(
            from: try WrapKey(contentsOfFile: self.key), to: try WrapKey(contentsOfFile: self.newKey), isDeep: self.deep, replacing: self.force,
            jobs: self.options.jobs, followingLinks: self.options.followLinks)
        let (input, output) = (self.input, self.output)
        let summary = try await LongWork.run(showingProgress: !self.options.json) { progress in
            try rewrapper.rewrap(input, to: output, progress: progress)
        }
        try self.options.print(summary, verb: "rewrapped", output: self.output)
    }
}
