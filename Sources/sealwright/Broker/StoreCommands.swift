// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import KeyBroker

/// Makes a store.
struct StoreInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a store for secrets, audit log and used challenges.",
        discussion: """
            Secrets are encrypted under the master key, which must not lie in the store's folder. With --new-master-key FILE a key is made first; \
            with --if-missing, too, one that is there is taken, for a start that was cut off leaves it without its store.

            EXAMPLE:
              sealwright broker store init --store /var/lib/sealwright/broker.sqlite --new-master-key /etc/sealwright/master-key
            """)

    @Option(help: ArgumentHelp("The store to make.", valueName: "file"))
    var store: String

    @Option(help: ArgumentHelp("Make a master key in this file, for its owner alone.", valueName: "file"))
    var newMasterKey: String?

    @Flag(help: "Do nothing where there is a file already, as at each start of a pod.")
    var ifMissing = false

    @OptionGroup var masterKey: MasterKeyOptions

    func run() async throws {
        if self.ifMissing, FileManager.default.fileExists(atPath: self.store) { return }
        guard let newMasterKey else { return try BrokerStore.create(at: self.store, masterKey: try self.masterKey.required()) }
        guard try self.masterKey.source() == nil else {
            throw CommandFailure("conflicting-options", "a master key is given and one is to be made", remedy: "give one of the options")
        }
        try BrokerStore.create(at: self.store, makingMasterKeyAt: newMasterKey, acceptingKey: self.ifMissing)
    }
}

/// Copies a store.
struct StoreBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a store as it is at one moment, beside a broker that serves.",
        discussion: """
            The copy is one file and complete; secrets in it are encrypted as in the store. Keep it apart from the master key. To restore it, use \
            `broker store restore`: a copy by hand would lie beside the log of the store that was there.

            EXAMPLE:
              sealwright broker store backup --store broker.sqlite --output backup/broker-2026-11-25.sqlite
            """)

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var output: String

    func run() async throws { try StoreMaintenance(path: self.store).backUp(to: self.output) }
}

/// Puts a backup in a store's place.
struct StoreRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in a store's place.",
        discussion: """
            Stop the broker first, and run this as its user: nobody may have the store open, nor change its secrets meanwhile. The backup is checked whole, takes the store's place in one step, and what SQLite kept \
            beside the old store is removed. After a crash, give the same command again. What was recorded after the backup is gone with the store \
            that is replaced: keep a copy of it and its -wal file, or export its audit log, if it can still be read. Secrets \
            are as they were, too: what was revoked or deleted after the backup is released again, and the store is under the master key of then.

            EXAMPLE:
              sealwright broker store restore --from backup/broker-2026-11-25.sqlite --store broker.sqlite --force
            """)

    @Option(help: ArgumentHelp("The backup; it stays as it is.", valueName: "file"))
    var from: String

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @Flag(help: "Replace the store that is there.")
    var force = false

    func run() async throws {
        let check = try await StoreRestoration(backup: self.from, storePath: self.store).run(replacing: self.force)
        print("\(self.store) is restored from \(self.from), which ends with audit record \(check.audit.records)")
        StandardError.write(
            "note: secrets that were revoked or deleted after the backup are back, and the store is under the master key of then; "
                + "before the broker serves, look at `sealwright broker secrets list` and revoke again what has to be\n")
    }
}

/// Looks for damage in a store.
struct StoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a store's structure, references and audit log.",
        discussion: """
            Ends with 0 if nothing is wrong and 65 otherwise.

            EXAMPLE:
              sealwright broker store check --store broker.sqlite --json
            """)

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let check = try await StoreMaintenance(path: self.store).check()
        print(self.json ? try JSONText.encode(check) : check.text)
        guard check.isIntact else {
            throw CommandFailure(
                "store-damaged", "the store is damaged", remedy: "restore it from a backup, and find out what changed it", exitStatus: .badData)
        }
    }
}
