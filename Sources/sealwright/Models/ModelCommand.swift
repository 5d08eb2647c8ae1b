// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `sealwright model`: make and inspect models.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Make and inspect models.", subcommands: [ModelConvertCommand.self, ModelShowCommand.self])
}
