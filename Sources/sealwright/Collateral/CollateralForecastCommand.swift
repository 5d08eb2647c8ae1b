// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import RATLS

/// Tells when a platform's status will change.
struct CollateralForecastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Tell on which date a platform's TCB status will change, and to what.",
        discussion: """
            After a disclosure Intel publishes new TCB levels as an early edition at once; verifiers judge by the standard edition, which \
            follows twelve months later by Intel's rule (it may decide otherwise). This command verifies the quote with every edition that is out, \
            and tells what each says. With --fmspc instead of --quote it compares the levels of a model of platforms, unverified. \
            Ends with 0 whether or not there is a change.

            EXAMPLE:
              sealwright collateral forecast --profile intel --quote quote.bin
              sealwright collateral forecast --profile intel --fmspc 00606a000000 --json
            """)

    @OptionGroup var service: CollateralServiceOptions
    @OptionGroup var platform: CollateralPlatformOptions

    @Option(help: ArgumentHelp("Root certificate to trust instead of Intel's, DER.", valueName: "file"))
    var root: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    /// Most bytes of a root certificate.
    private static let rootLimit = 16 * 1024

    func run() async throws {
        let root = try self.root.map { file in
            let der = try InputFile.readAll(file, limit: Self.rootLimit)
            return RootOfTrust(certificateDER: der, kind: RootOfTrust.Kind(ofCertificateDER: der), name: file)
        }
        let verifier = QuoteVerifier(roots: [root ?? .intelSGX])
        let platform = try self.platform.platform()
        let time = Date()
        let json = self.json
        try await self.service.withClient { client in
            switch platform {
            case .quote(let quote):
                let forecast = try await client.forecast(for: quote, verifier: verifier, at: time)
                print(json ? try JSONText.encode(forecast) : StatusForecastText.text(forecast))
            case .model(let key):
                let forecasts = try await client.forecast(for: key, roots: verifier.roots, at: time)
                print(json ? try JSONText.encode(forecasts) : LevelForecastText.text(forecasts, key))
            }
        }
    }
}
