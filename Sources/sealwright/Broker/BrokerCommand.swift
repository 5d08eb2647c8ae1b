// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The key release service.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Release secrets to enclaves that prove what they are.",
        subcommands: [
            BrokerServeCommand.self, BrokerSecretsCommand.self, BrokerPolicyCommand.self, BrokerAuditCommand.self, BrokerStoreCommand.self,
            BrokerDoctorCommand.self,
        ])
}

/// The broker's policy files.
struct BrokerPolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Work with policy files.",
        subcommands: [
            BrokerPolicyCheckCommand.self, BrokerPolicyTryCommand.self, BrokerPolicyDiffCommand.self, BrokerPolicyImportCommand.self,
        ])
}

/// The secrets in the broker's store.
struct BrokerSecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Put, list, rotate, revoke and delete secrets.",
        discussion: "Each change is recorded in the audit log. A broker that serves from the store takes changes over at once.",
        subcommands: [
            SecretsPutCommand.self, SecretsListCommand.self, SecretsRotateCommand.self, SecretsRevokeCommand.self, SecretsDeleteCommand.self,
        ])
}

/// The broker's audit log.
struct BrokerAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Read and verify the audit log.",
        subcommands: [AuditListCommand.self, AuditShowCommand.self, AuditVerifyCommand.self, AuditExportCommand.self, AuditHeadCommand.self])
}

/// The broker's store.
struct BrokerStoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Make, back up, restore and check the broker's store, and change its master key.",
        subcommands: [StoreInitCommand.self, StoreBackupCommand.self, StoreRestoreCommand.self, StoreCheckCommand.self, StoreRekeyCommand.self])
}
