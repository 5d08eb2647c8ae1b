// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import KeyBroker

/// Puts a store under another master key.
struct StoreRekeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Encrypt a store's secrets under another master key.",
        discussion: """
            Stop the broker first. All is done in one step: after a crash the store is under the old key or under the new one, and the same command \
            can be given again. Keep the old key for as long as you keep backups that were made under it. Who has both an old copy of the store and \
            the old key has the secrets: if that may be so, rotate them as well (broker secrets rotate).

            EXAMPLE:
              sealwright broker store rekey --store broker.sqlite --master-key keys/old --new-master-key keys/new
            """)

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @OptionGroup var masterKey: MasterKeyOptions

    @Option(
        help: ArgumentHelp(
            "The new master key: made in this file, for its owner alone, unless there is one already.", valueName: "file"))
    var newMasterKey: String?

    @Option(help: ArgumentHelp("Make the new master key of the passphrase in a file (scrypt).", valueName: "file"))
    var newPassphraseFile: String?

    func run() async throws {
        let change = MasterKeyChange(storePath: self.store, from: try self.masterKey.required(), to: try self.newKey(), missingKey: .made)
        switch try change.run(at: Date()) {
        case .changed(let versions): print("\(self.store): \(versions) versions of secrets are under the new master key")
        case .doneBefore: print("\(self.store) is under the new master key already")
        }
    }

    private func newKey() throws -> MasterKey.Source {
        switch (self.newMasterKey, self.newPassphraseFile) {
        case (let file?, nil): return .file(file)
        case (nil, let file?): return .passphraseFile(file)
        default:
            throw CommandFailure(
                "new-master-key", "there has to be one new master key", remedy: "give either --new-master-key or --new-passphrase-file")
        }
    }
}
