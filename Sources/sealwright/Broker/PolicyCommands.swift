// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import KeyBroker
import RATLS
import SecretProvisioning

/// Tries a quote on a policy.
struct BrokerPolicyTryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Say what a policy would release for a quote, rule by rule.",
        discussion: """
            Verifies the quote with the collateral of a folder (see `sealwright quote verify`), then tries each rule, and prints every check. No \
            secret is touched. Ends with 0 if a rule would release, 77 otherwise.

            EXAMPLE:
              sealwright broker policy try policy.yaml --quote quote.bin --collateral collateral
            """)

    @Argument(help: "The policy file.")
    var file: String

    @Option(help: ArgumentHelp("The quote: binary, or hexadecimal text.", valueName: "file"))
    var quote: String

    @Option(help: ArgumentHelp("Folder with the collateral.", valueName: "dir"))
    var collateral: String

    @Option(help: ArgumentHelp("How the enclave would ask: challenge (HTTPS) or ra-tls (Gramine's protocol, port 4433).", valueName: "door"))
    var door = Decision.Door.challenge.rawValue

    @Option(help: ArgumentHelp("The model that the secret would be asked for: its manifest's digest.", valueName: "digest"))
    var model: String?

    @Option(help: "INSECURE, for development: accept evidence of the simulated platform with this root certificate.")
    var simulatedRoot: String?

    @Option(help: ArgumentHelp("Time to try for: seconds since 1970, or ISO 8601 (default: now).", valueName: "time"))
    var at: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        guard let door = Decision.Door(rawValue: self.door) else {
            throw CommandFailure("bad-door", "--door \(self.door) is none", remedy: "use challenge or ra-tls")
        }
        let model = try self.model.map { text in
            guard let digest = ModelDigest(hex: text) else {
                throw CommandFailure(
                    "bad-model", "--model \(text) is no digest", remedy: "give the 64 hexadecimal digits that sealwright seal and verify print")
            }
            return digest
        }
        let simulated = try self.simulatedRoot.map { [try RootOfTrust(simulatedRootFile: $0)] } ?? []
        let trial = PolicyTrial(
            try Policy(contentsOfFile: self.file), encodedQuote: try QuoteCommand.read(self.quote),
            collateral: try CollateralFolder.load(self.collateral), roots: [.intelSGX] + simulated, door: door,
            model: model, simulatedEvidence: simulated.isEmpty ? .refused : .allowed, at: try self.time())
        print(self.json ? try JSONText.encode(trial) : trial.text)
        guard trial.decisive != nil else {
            let failure = trial.verification.firstFailure ?? trial.rules.first?.report.firstFailure
            throw CommandFailure(
                "policy-refuses", "the policy releases nothing for this quote", remedy: failure?.remedy, exitStatus: .refused)
        }
    }

    private func time() throws -> Date {
        guard let at else { return Date() }
        if let seconds = Double(at), seconds.isFinite { return Date(timeIntervalSince1970: seconds) }
        guard let date = try? Date(at, strategy: .iso8601) else {
            throw CommandFailure("invalid-time", "--at \(at) is neither seconds nor ISO 8601", remedy: "write 1757310618 or 2025-09-08T05:50:18Z")
        }
        return date
    }
}

/// Compares policies by what they would have decided.
struct BrokerPolicyDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "List recorded decisions that would come out otherwise under another policy.",
        discussion: """
            Verifies the recorded quotes again, as of the time they were decided on, and asks both policies for the secrets that were asked for. \
            Records of versions that did not keep those names are asked about without, and counted. The exit status is 0 whether there are changes \
            or not.

            EXAMPLE:
              sealwright broker policy diff policy.yaml new-policy.yaml --store broker.sqlite
            """)

    @Argument(help: "The policy as it is.")
    var old: String

    @Argument(help: "The policy as it could be.")
    var new: String

    @Option(help: ArgumentHelp("The broker's store, with the audit log.", valueName: "file"))
    var store: String

    @Option(help: "INSECURE, for development: accept evidence of the simulated platform with this root certificate.")
    var simulatedRoot: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let simulated = try self.simulatedRoot.map { [try RootOfTrust(simulatedRootFile: $0)] } ?? []
        let difference = try await PolicyDifference(
            from: try Policy(contentsOfFile: self.old), to: try Policy(contentsOfFile: self.new), log: try AuditArchive(path: self.store),
            roots: [.intelSGX] + simulated)
        print(self.json ? try JSONText.encode(difference) : difference.text)
    }
}

/// Makes a policy of the recipe's configuration.
struct BrokerPolicyImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a policy of CC Zoo's ra_config.json.",
        discussion: """
            Takes over what the file means to say; where the original server makes something else of it, a warning on standard error says so.

            EXAMPLE:
              sealwright broker policy import ra_config.json > policy.yaml
            """)

    @Argument(help: "The configuration.")
    var file: String

    @Option(help: ArgumentHelp("File of the wrap key, as the policy is to name it.", valueName: "file"))
    var secretFile = "wrap_key"

    private static let sizeLimit = 1 << 20

    func run() async throws {
        let imported = try RAConfigImport(
            try InputFile.readAll(self.file, limit: Self.sizeLimit), name: self.file, secretFile: self.secretFile)
        for warning in imported.warnings { StandardError.write("warning: \(warning)\n") }
        print(imported.yaml, terminator: "")
    }
}
