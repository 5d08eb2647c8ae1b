// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SimulatedTEE

/// The commands around the software TEE.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "A software TEE for development and tests (INSECURE).",
        discussion: """
            Everything here is INSECURE: simulated quotes have the form of genuine ones and prove nothing. They are verified by the same code as \
            Intel's; only the root of trust differs, and a service accepts it only when it is started for that.

            EXAMPLE:
              sealwright simulate init --output platform
              sealwright simulate collateral --platform platform --port 8081
              sealwright simulate quote --platform platform --report-data 00ff > quote.hex
            """,
        subcommands: [SimulateInitCommand.self, SimulateQuoteCommand.self, SimulateCollateralCommand.self])

    /// The faults of these names.
    static func faults(_ names: [String]) throws -> Set<SimulatedFault> {
        Set(
            try names.map { name in
                guard let fault = SimulatedFault(rawValue: name) else {
                    throw CommandFailure(
                        "unknown-fault", "there is no fault `\(name)`",
                        remedy: "use one of: \(SimulatedFault.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                return fault
            })
    }

    /// Told on standard error by every one of these commands, so that results stay clean and nobody misses it.
    static func warn(_ what: String) {
        StandardError.write("INSECURE: \(what)\n")
    }
}
