// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import Foundation

/// Shows what a quote says, without verifying it.
struct QuoteShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a quote says, unverified.",
        discussion: """
            Nothing shown is verified: anybody can write any quote. See `sealwright quote verify`.

            EXAMPLE:
              sealwright quote show quote.bin --json
            """)

    @Argument(help: ArgumentHelp("The quote: binary, or hexadecimal text.", valueName: "file"))
    var quote: String

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Result: Encodable {
        let quote: QuoteSummary
        let platform: PlatformSummary?
    }

    func run() async throws {
        let bytes = try QuoteCommand.read(self.quote)
        let quote = try Quote(decoding: bytes.span)
        let result = Result(quote: QuoteSummary(quote), platform: try quote.claimedPlatform().map(PlatformSummary.init))
        if self.json {
            print(try JSONText.encode(result))
        } else {
            print(result.quote.text)
            if let platform = result.platform { print(platform.text) }
        }
    }
}
