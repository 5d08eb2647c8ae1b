// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `sealwright tls`: certificates and keys for both ends of a connection.
struct TLSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "Make, renew and look at the TLS material of a deployment.",
        subcommands: [TLSIssueCommand.self, TLSRenewCommand.self, TLSShowCommand.self])
}
