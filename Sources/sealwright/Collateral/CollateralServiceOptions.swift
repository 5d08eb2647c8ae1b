// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RATLS

/// Which collateral service to ask, for the commands around collateral.
struct CollateralServiceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The service by name: \(CollateralProfile.forms).", valueName: "name"))
    var profile: String?

    @Option(
        name: .customLong("pccs-url"),
        help: ArgumentHelp("Base of the service instead, as in https://localhost:8081/sgx/certification/v4/.", valueName: "url"))
    var pccsURL: String?

    @Option(
        name: .customLong("pccs-ca"),
        help: ArgumentHelp("CA of the service's own certificate, PEM, where the system does not know it.", valueName: "file"))
    var pccsCA: String?

    @Option(
        help: ArgumentHelp(
            "File with the subscription key of Intel's service; only for quotes that do not carry their PCK certificate.", valueName: "file"))
    var subscriptionKeyFile: String?

    /// Runs `body` with a client of the service.
    func withClient<Result>(_ body: (PCCSClient) async throws -> Result) async throws -> Result {
        let service = try CollateralService(profile: self.profile, url: self.pccsURL, caFile: self.pccsCA)
        guard let service else {
            throw CommandFailure(
                "missing-collateral-service", "no collateral service is named",
                remedy: "give --profile (\(CollateralProfile.forms)) or --pccs-url")
        }
        return try await service.withClient(subscriptionKeyFile: self.subscriptionKeyFile, body)
    }
}
