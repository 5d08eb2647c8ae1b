// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import KeyBroker

/// The key that a broker's store is encrypted under.
struct MasterKeyOptions: ParsableArguments {
    @Option(
        name: .customLong("master-key"),
        help: ArgumentHelp("The store's master key: a file of 32 bytes that only its owner may read, not in the store's folder.", valueName: "file"))
    var masterKey: String?

    @Option(
        name: .customLong("master-key-passphrase-file"),
        help: ArgumentHelp("Make the master key of the passphrase in a file (scrypt); - is standard input.", valueName: "file"))
    var passphraseFile: String?

    @Option(
        name: .customLong("master-key-credential"),
        help: ArgumentHelp("Take the master key from a systemd credential (LoadCredential=) of that name.", valueName: "name"))
    var credential: String?

    /// The source that was asked for; `nil` without any.
    func source() throws -> MasterKey.Source? {
        var sources: [MasterKey.Source] = []
        if let masterKey { sources.append(.file(masterKey)) }
        if let passphraseFile { sources.append(.passphraseFile(passphraseFile)) }
        if let credential {
            guard let folder = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] else {
                throw CommandFailure(
                    "no-credentials", "systemd gave this process no credentials (CREDENTIALS_DIRECTORY is not set)",
                    remedy: "write LoadCredential=\(credential):/path/to/master-key into the unit, or give --master-key")
            }
            sources.append(.credential(name: credential, folder: folder))
        }
        guard sources.count <= 1 else {
            throw CommandFailure("conflicting-options", "several master keys are given", remedy: "give one of the three --master-key options")
        }
        return sources.first
    }

    /// The source; one has to be given.
    func required() throws -> MasterKey.Source {
        guard let source = try self.source() else {
            throw CommandFailure(
                "missing-master-key", "the store's master key is missing",
                remedy: "give --master-key, --master-key-passphrase-file or --master-key-credential")
        }
        return source
    }
}

/// A store that is to be changed.
struct StoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @OptionGroup var masterKey: MasterKeyOptions

    func open() throws -> BrokerStore {
        try BrokerStore(path: self.store, masterKey: try self.masterKey.required(), for: .administration)
    }
}
