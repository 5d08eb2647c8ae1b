// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ProtectedFiles

/// `sealwright seal`: plaintext to protected files.
struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seals a file, or a folder with all its files, in Gramine's format for encrypted files.",
        discussion: """
            Each sealed file carries the path under which the enclave will open it, and is refused under any other. For a file mounted in \
            Gramine with uri = "file:models/guesslang/1/saved_model.pb" that is models/guesslang/1/saved_model.pb.

            A folder gets a manifest, MANIFEST.sealed.json at its top, which pins every file to this very sealing. Its digest names the \
            model's state: an older or a mixed one has another. For Gramine's own tools, which take every file of a folder for a sealed \
            one, put it elsewhere with --manifest-file.

            With --input - the plaintext comes from standard input, of any length. The output cannot be standard output: what is \
            written last stands first in the format.

            Example: sealwright seal --key keys/wrap-key --input models/guesslang --output sealed/guesslang --mount-path models/guesslang
            """
    )

    @Option(name: .long, help: ArgumentHelp("The wrap key, a file of 16 bytes.", valueName: "file"))
    var key: String

    @Option(name: .long, help: ArgumentHelp("The file or folder to read; - for standard input.", valueName: "path"))
    var input: String

    @Option(name: .long, help: ArgumentHelp("The file or folder to make.", valueName: "path"))
    var output: String

    @Flag(name: .long, help: "Replace the output if it exists.")
    var force = false

    @Option(
        name: .long,
        help: ArgumentHelp("The path to embed; for a folder, its files' relative paths are added. Default: the output.", valueName: "path"))
    var mountPath: String?

    @Option(
        name: .long, help: ArgumentHelp("Version of the format: 1 (the default) for Gramine up to 1.8, 2 for 1.9 and later.", valueName: "1|2"),
        transform: Self.formatVersion)
    var formatVersion: FormatVersion = .version1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where a folder's manifest goes, instead of to its top: Gramine's tools take all in a folder for sealed.", valueName: "file"))
    var manifestFile: String?

    @Flag(name: .long, help: "Make no manifest of a folder.")
    var noManifest = false

    @OptionGroup var options: ProtectedFileOptions

    func validate() throws {
        if self.output == StandardStream.name { throw ValidationError("a file cannot be sealed to standard output; name a file with --output") }
        if self.noManifest, self.manifestFile != nil { throw ValidationError("--no-manifest and --manifest-file exclude each other") }
    }

    func run() async throws {
        let sealer = ProtectedFileSealer(
            key: try WrapKey(contentsOfFile: self.key), formatVersion: self.formatVersion, replacing: self.force, jobs: self.options.jobs,
            followingLinks: self.options.followLinks)
        let (input, output, mountPath) = (self.input, self.output, self.mountPath ?? self.output)
        let manifest = self.noManifest ? .nowhere : self.manifestFile.map { ProtectedFileSealer.ManifestPlace.file($0) } ?? .insideFolder
        let summary = try await LongWork.run(showingProgress: !self.options.json) { progress in
            guard input != StandardStream.name else {
                return try sealer.seal(descriptor: STDIN_FILENO, to: output, mountPath: mountPath, progress: progress)
            }
            return try sealer.seal(input, to: output, mountPath: mountPath, manifest: manifest, progress: progress)
        }
        try self.options.print(summary, verb: "sealed", output: self.output)
    }

    private static func formatVersion(_ argument: String) throws -> FormatVersion {
        guard let number = Int(argument), let version = FormatVersion(number: number) else {
            throw ValidationError("there are versions 1 and 2")
        }
        return version
    }
}
