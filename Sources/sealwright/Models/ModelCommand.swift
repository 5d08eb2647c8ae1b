// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `sealwright model`: get, make, inspect and run models.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Get, make, inspect and run models.",
        subcommands: [ModelFetchCommand.self, ModelConvertCommand.self, ModelShowCommand.self, ModelRunCommand.self])
}
