// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import RATLS

/// Gets collateral from a service.
struct CollateralFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch the collateral of a platform.",
        discussion: """
            Asks for TCB info, QE identity and revocation lists, and for the PCK certificate where the quote does not carry it. With --cache the \
            collateral goes into a folder that `broker serve` reads too; with --output into a folder of files for `quote verify`. \
            Nothing is verified here: that takes a quote, and time.

            EXAMPLE:
              sealwright collateral fetch --profile intel --quote quote.bin --output collateral
              sealwright collateral fetch --profile alibaba-vpc:cn-hangzhou --fmspc 00606a000000 --cache /var/cache/sealwright
              sealwright collateral fetch --profile intel --fmspc b0c06f000000 --tee tdx --update early --json
            """)

    @OptionGroup var service: CollateralServiceOptions
    @OptionGroup var platform: CollateralPlatformOptions

    @Option(help: ArgumentHelp("Which edition: standard, what verifiers judge by; or early, what they will.", valueName: "edition"))
    var update = "standard"

    @Option(help: ArgumentHelp("Folder to keep the collateral in, beside that of other platforms.", valueName: "dir"))
    var cache: String?

    @Option(help: ArgumentHelp("New folder for the pieces as files.", valueName: "dir"))
    var output: String?

    @Flag(help: "Replace the output folder if it is there.")
    var force = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let platform = try self.platform.platform()
        let update = try self.edition()
        let store = try self.cache.map(CollateralStore.init(directory:))
        let entry = try await self.service.withClient { client in
            switch platform {
            case .quote(let quote): try await client.entry(for: quote, update: update)
            case .model(let key): try await client.entry(for: key, update: update)
            }
        }
        try await store?.save(entry)
        if let output { try CollateralFolder.write(entry.collateral, to: output, replacing: self.force) }
        let description = CollateralDescription(entry, at: Date())
        print(self.json ? try JSONText.encode(description) : description.text)
    }

    private func edition() throws -> CollateralUpdate {
        switch self.update {
        case "standard": return .standard
        case "early":
            guard self.cache == nil else {
                throw CommandFailure(
                    "early-in-cache", "the early edition does not go into a cache: verifiers would judge by it before its time",
                    remedy: "write it to a folder with --output")
            }
            return .early
        default:
            throw CommandFailure("invalid-update", "--update \(self.update) is neither standard nor early", remedy: "write standard or early")
        }
    }
}
