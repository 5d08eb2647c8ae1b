// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import RATLS

/// Puts a file of collateral into a cache.
struct CollateralImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Put the collateral of a file into a cache.",
        discussion: """
            Reads what `collateral export` wrote. Collateral that ends later stays where the cache has it already. A running broker finds what is \
            new within a minute of its own collateral getting old.

            EXAMPLE:
              sealwright collateral import collateral.json --cache /var/cache/sealwright
            """)

    @Argument(help: ArgumentHelp("The file.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("The cache folder; made if it is not there.", valueName: "dir"))
    var cache: String

    @Flag(help: "Print one JSON array.")
    var json = false

    /// What became of one entry.
    private struct Imported: Encodable {
        let isImported: Bool
        let collateral: CollateralDescription

        var text: String { "\(self.isImported ? "imported" : "not newer") \(self.collateral.text)" }
    }

    func run() async throws {
        let bundle = try CollateralBundle(contentsOfFile: self.file)
        let store = try CollateralStore(directory: self.cache)
        var imported: [Imported] = []
        for entry in bundle.entries {
            let isImported = try await store.save(ifLasting: entry)
            imported.append(Imported(isImported: isImported, collateral: CollateralDescription(entry, at: Date())))
        }
        print(self.json ? try JSONText.encode(imported) : imported.map(\.text).joined(separator: "\n\n"))
    }
}
