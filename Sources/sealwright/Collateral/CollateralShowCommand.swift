// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import RATLS

/// Shows what collateral says about itself.
struct CollateralShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show collateral: whose, from when, until when.",
        discussion: """
            Shows a cache, a bundle (FILE.json) or a folder of files. Nothing shown is verified: that takes a quote.

            EXAMPLE:
              sealwright collateral show --cache /var/cache/sealwright
              sealwright collateral show collateral.json --json
            """)

    @Argument(help: ArgumentHelp("A bundle (FILE.json), or a folder of files.", valueName: "path"))
    var path: String?

    @Option(help: ArgumentHelp("A cache folder instead.", valueName: "dir"))
    var cache: String?

    @Option(help: ArgumentHelp("Time for which validity is told: seconds since 1970, or ISO 8601 (default: now).", valueName: "time"))
    var at: String?

    @Flag(help: "Print one JSON array.")
    var json = false

    func run() async throws {
        let time = try TimeText.date(self.at, option: "--at")
        let descriptions = try await self.descriptions(at: time)
        if self.json {
            print(try JSONText.encode(descriptions))
        } else {
            print(descriptions.isEmpty ? "nothing is there" : descriptions.map(\.text).joined(separator: "\n\n"))
        }
    }

    private func descriptions(at time: Date) async throws -> [CollateralDescription] {
        switch (self.path, self.cache) {
        case (nil, let cache?):
            return try await CollateralBundle.reading(cache: cache).entries.map { CollateralDescription($0, at: time) }
        case (let path?, nil) where FileManager.default.fileExists(atPath: "\(path)/."):
            return [CollateralDescription(try CollateralFolder.load(path), at: time)]
        case (let path?, nil):
            return try CollateralBundle(contentsOfFile: path).entries.map { CollateralDescription($0, at: time) }
        default:
            throw CommandFailure("missing-collateral", "name either a path or --cache", remedy: "give a bundle, a folder, or --cache DIR")
        }
    }
}
