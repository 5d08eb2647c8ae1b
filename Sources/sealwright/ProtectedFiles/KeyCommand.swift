// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `sealwright key`: the wrap keys that files are sealed with.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes wrap keys.",
        discussion: """
            A wrap key seals files and opens them again. Keep it away from the machine that serves the model: the key broker gives it \
            to an enclave that has proved what it is.

            Example: sealwright key generate --output keys/wrap-key
            """,
        subcommands: [KeyGenerateCommand.self]
    )
}
