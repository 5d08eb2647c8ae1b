// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The commands around collateral: Intel's signed statements that quotes are verified with.
struct CollateralCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collateral",
        abstract: "Fetch, show, carry and foretell the collateral that quotes are verified with.",
        discussion: """
            Collateral is signed by Intel: where it comes from decides nothing about trust, only whether it is there and fresh.

            EXAMPLE:
              sealwright collateral fetch --profile alibaba-vpc:cn-hangzhou --quote quote.bin --cache /var/cache/sealwright
              sealwright collateral show --cache /var/cache/sealwright
              sealwright collateral export --cache /var/cache/sealwright --output collateral.json
              sealwright collateral import collateral.json --cache /var/cache/sealwright
              sealwright collateral forecast --profile intel --quote quote.bin
            """,
        subcommands: [
            CollateralFetchCommand.self, CollateralShowCommand.self, CollateralExportCommand.self, CollateralImportCommand.self,
            CollateralForecastCommand.self,
        ])
}
