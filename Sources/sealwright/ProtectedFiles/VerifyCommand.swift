// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ProtectedFiles

/// `sealwright verify`: whether sealed files are authentic, every node of them.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads every node of a sealed file, or of a folder of them, and writes nothing.",
        discussion: """
            Ends with 0 when everything is authentic under the key. With --manifest a folder must also be in the state that its manifest tells, \
            no file more, less, older or newer; with --manifest-digest that manifest must be the one that is meant.

            Example: sealwright verify --key keys/wrap-key --input sealed/guesslang --mount-path models/guesslang --manifest
            """
    )

    @Option(name: .long, help: ArgumentHelp("The wrap key, a file of 16 bytes.", valueName: "file"))
    var key: String

    @Option(name: .long, help: ArgumentHelp("The sealed file or folder.", valueName: "path"))
    var input: String

    @Option(
        name: .long,
        help: ArgumentHelp("Refuse files that are not sealed for this path; for a folder, its files' relative paths are added.", valueName: "path"))
    var mountPath: String?

    @Flag(name: .long, help: "Compare the folder with the manifest at its top.")
    var manifest = false

    @Option(name: .long, help: ArgumentHelp("Compare the folder with a manifest that lies elsewhere.", valueName: "file"))
    var manifestFile: String?

    @Option(
        name: .long, help: ArgumentHelp("Refuse a manifest with another digest than this, 64 hexadecimal digits.", valueName: "digest"),
        transform: ManifestDigest.init(argument:))
    var manifestDigest: ManifestDigest?

    @OptionGroup var options: ProtectedFileOptions

    func run() async throws {
        let opener = ProtectedFileOpener(
            key: try WrapKey(contentsOfFile: self.key), jobs: self.options.jobs, followingLinks: self.options.followLinks)
        let manifest = try self.readManifest()
        let (input, mountPath) = (self.input, self.mountPath)
        let summary = try await LongWork.run(showingProgress: !self.options.json) { progress in
            try opener.verify(input, mountPath: mountPath, manifest: manifest, progress: progress)
        }
        try self.options.print(summary, verb: "verified", output: self.input)
    }

    private func readManifest() throws -> ModelManifest? {
        guard self.manifest || self.manifestFile != nil || self.manifestDigest != nil else { return nil }
        let manifest = try ModelManifest(contentsOfFile: self.manifestFile ?? "\(self.input)/\(ModelManifest.fileName)")
        if let digest = self.manifestDigest { try manifest.require(digest) }
        return manifest
    }
}
