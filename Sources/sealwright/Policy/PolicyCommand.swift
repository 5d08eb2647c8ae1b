// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `sealwright policy`: what a release policy is made from.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Make rules of a release policy.",
        discussion: """
            EXAMPLE:
              sealwright policy from-sigstruct serve.sig >rule.yaml
            """,
        subcommands: [PolicyFromSigstructCommand.self])
}
