// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import KeyBroker

/// A secret that comes from a file or is made at random.
struct NewSecretOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The file with the secret, which only its owner may read; - is standard input.", valueName: "file"))
    var file: String?

    @Flag(help: "Make a wrap key of 16 bytes at random. Nobody but enclaves ever sees it: for models that are sealed with a copy, use --file.")
    var generate = false

    func withSecret<Result>(_ body: (Span<UInt8>) throws -> Result) throws -> Result {
        var bytes: [UInt8]
        switch (self.file, self.generate) {
        case (nil, true): bytes = SecretFile.random()
        case (let file?, false): bytes = try SecretFile.read(file)
        default: throw CommandFailure("bad-secret-source", "a secret has one source", remedy: "give either --file or --generate")
        }
        defer { wipe(&bytes) }
        return try body(bytes.span)
    }
}

/// Puts a new secret into the store.
struct SecretsPutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Put a new secret into the store.",
        discussion: """
            Policies name it, without `file:`. A key that was published in a well-known repository is refused.

            EXAMPLE:
              sealwright broker secrets put wrap-key --file wrap-key --store broker.sqlite --master-key /etc/sealwright/master-key
            """)

    @Argument(help: "What policies call it.")
    var name: String

    @OptionGroup var secret: NewSecretOptions
    @OptionGroup var store: StoreOptions

    func run() async throws {
        let vault = try self.store.open().secrets
        try self.secret.withSecret { try vault.put(self.name, $0, at: Date()) }
    }
}

/// Lists secrets.
struct SecretsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List secrets and their versions; never their bytes.",
        discussion: """
            EXAMPLE:
              sealwright broker secrets list --store broker.sqlite --master-key /etc/sealwright/master-key --json
            """)

    @Argument(help: "One secret (default: all).")
    var name: String?

    @OptionGroup var store: StoreOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let versions = try await self.store.open().secrets.list(self.name, at: Date())
        if let name, versions.isEmpty {
            throw CommandFailure(
                "no-such-secret", "the store has no secret `\(name)`", remedy: "see `sealwright broker secrets list`", exitStatus: .noInput)
        }
        if self.json { return print(try JSONText.encode(versions)) }
        for version in versions { print(Self.line(version)) }
    }

    private static func line(_ version: SecretVault.Version) -> String {
        let retires = version.retires.map { ", until \($0.formatted(.iso8601))" } ?? ""
        return "\(version.name) version \(version.version): \(version.state.rawValue)\(retires), since \(version.created.formatted(.iso8601))"
    }
}

/// Gives a secret a new version.
struct SecretsRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a secret a new version, which is released from now on.",
        discussion: """
            With --overlap the version before is released beside it for a time: over HTTPS an enclave gets both, over Gramine's protocol (port 4433) \
            the new one alone. Prints the new version's number.

            EXAMPLE:
              sealwright broker secrets rotate wrap-key --file new-key --overlap 7d --store broker.sqlite --master-key /etc/sealwright/master-key
            """)

    @Argument(help: "The secret.")
    var name: String

    @OptionGroup var secret: NewSecretOptions

    @Option(help: ArgumentHelp("How long the version before stays: 90s, 30m, 12h, 7d.", valueName: "time"))
    var overlap = "0s"

    @OptionGroup var store: StoreOptions

    func run() async throws {
        let overlap = try TimeSpan.parse(self.overlap, option: "--overlap")
        let vault = try self.store.open().secrets
        print(try self.secret.withSecret { try vault.rotate(self.name, $0, overlap: overlap, at: Date()) })
    }
}

/// Takes a secret out of use.
struct SecretsRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Release a secret, or one version of it, never again, and remove its bytes.",
        discussion: """
            Its name and versions stay on record. What was sealed with it can only be opened by whoever has a copy.

            EXAMPLE:
              sealwright broker secrets revoke wrap-key --secret-version 1 --store broker.sqlite --master-key /etc/sealwright/master-key
            """)

    @Argument(help: "The secret.")
    var name: String

    @Option(help: ArgumentHelp("One version (default: all).", valueName: "n"))
    var secretVersion: Int?

    @OptionGroup var store: StoreOptions

    func run() async throws { try self.store.open().secrets.revoke(self.name, version: self.secretVersion, at: Date()) }
}

/// Removes a secret.
struct SecretsDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove a secret with all its versions.",
        discussion: """
            EXAMPLE:
              sealwright broker secrets delete wrap-key --store broker.sqlite --master-key /etc/sealwright/master-key
            """)

    @Argument(help: "The secret.")
    var name: String

    @OptionGroup var store: StoreOptions

    func run() async throws { try self.store.open().secrets.delete(self.name, at: Date()) }
}

/// Times as people write them.
enum TimeSpan {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    /// The longest time that is taken: ten years.
    private static let limit: Int64 = 10 * 366 * 86400

    static func parse(_ text: String, option: String) throws -> Duration {
        guard let unit = text.last.flatMap({ Self.units[$0] }), let number = Int64(text.dropLast()), number >= 0, number <= Self.limit / unit else {
            throw CommandFailure("bad-time", "\(option) \(text) is no time", remedy: "write a number and s, m, h or d, as in 12h")
        }
        return .seconds(number * unit)
    }
}
