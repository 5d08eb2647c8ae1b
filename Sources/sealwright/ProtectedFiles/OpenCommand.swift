// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ProtectedFiles

/// `sealwright open`: protected files to plaintext.
struct OpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Opens a sealed file, or a folder of sealed files, to plaintext.",
        discussion: """
            Everything is authenticated first: a file that was damaged, cut off or sealed with another key yields an error and no output.

            With --input - the sealed file comes from standard input; with --output - the plaintext goes to standard output, once \
            all of the file is verified.

            Example: sealwright open --key keys/wrap-key --input sealed/guesslang --output plain/guesslang --mount-path models/guesslang
            """
    )

    @Option(name: .long, help: ArgumentHelp("The wrap key, a file of 16 bytes.", valueName: "file"))
    var key: String

    @Option(name: .long, help: ArgumentHelp("The sealed file or folder; - for standard input.", valueName: "path"))
    var input: String

    @Option(name: .long, help: ArgumentHelp("The file or folder to make; - for standard output.", valueName: "path"))
    var output: String

    @Flag(name: .long, help: "Replace the output if it exists.")
    var force = false

    @Option(
        name: .long,
        help: ArgumentHelp("Refuse files that are not sealed for this path; for a folder, its files' relative paths are added.", valueName: "path"))
    var mountPath: String?

    @OptionGroup var options: ProtectedFileOptions

    func run() async throws {
        let opener = ProtectedFileOpener(
            key: try WrapKey(contentsOfFile: self.key), replacing: self.force, jobs: self.options.jobs, followingLinks: self.options.followLinks)
        let (input, output, mountPath) = (self.input, self.output, self.mountPath)
        let summary = try await LongWork.run(showingProgress: !self.options.json) { progress in
            let standardInput = input == StandardStream.name
            guard output != StandardStream.name else {
                return try opener.open(standardInput ? nil : input, toDescriptor: STDOUT_FILENO, mountPath: mountPath, progress: progress)
            }
            return standardInput
                ? try opener.open(descriptor: STDIN_FILENO, to: output, mountPath: mountPath, progress: progress)
                : try opener.open(input, to: output, mountPath: mountPath, progress: progress)
        }
        try self.options.print(summary, verb: "opened", output: self.output)
    }
}
