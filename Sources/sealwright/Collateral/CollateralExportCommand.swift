// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import RATLS

/// Puts collateral into one file.
struct CollateralExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Put the collateral of a cache into one JSON file, for machines without network.",
        discussion: """
            The file holds the signed statements byte for byte. `quote verify --collateral FILE.json` reads it, and \
            `collateral import` puts it into another machine's cache.

            EXAMPLE:
              sealwright collateral export --cache /var/cache/sealwright --output collateral.json
            """)

    @Option(help: ArgumentHelp("The cache folder.", valueName: "dir"))
    var cache: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Flag(help: "Replace the file if it is there.")
    var force = false

    @Flag(help: "Print one JSON array of what was written.")
    var json = false

    func run() async throws {
        let bundle = try await CollateralBundle.reading(cache: self.cache)
        guard !bundle.entries.isEmpty else {
            throw CommandFailure(
                "empty-collateral-cache", "\(self.cache) holds no collateral", remedy: "fill it with `sealwright collateral fetch --cache DIR`",
                exitStatus: .noInput)
        }
        try OutputFile.write(try bundle.encode(), to: self.output, permissions: 0o644, replacing: self.force)
        let descriptions = bundle.entries.map { CollateralDescription($0, at: Date()) }
        print(self.json ? try JSONText.encode(descriptions) : descriptions.map(\.text).joined(separator: "\n\n"))
    }
}
