// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import KeyBroker

/// Which records are wanted.
struct AuditFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @Option(help: ArgumentHelp("Records of one kind: released, refused or event.", valueName: "kind"))
    var kind: String?

    @Option(help: ArgumentHelp("Records about one secret, refusals to peers that asked for it included.", valueName: "name"))
    var secret: String?

    @Option(help: ArgumentHelp("Refusals at one check, such as appraisal.mr-enclave.", valueName: "check"))
    var failedCheck: String?

    @Option(help: ArgumentHelp("Not before this time: seconds since 1970, or ISO 8601.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Not after this time.", valueName: "time"))
    var until: String?

    func filter() throws -> AuditArchive.Filter {
        var filter = AuditArchive.Filter()
        if let kind {
            guard let known = AuditRecord.Kind(rawValue: kind) else {
                throw CommandFailure(
                    "bad-kind", "there are no records of kind \(kind)",
                    remedy: "use one of: \(AuditRecord.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            filter.kind = known
        }
        filter.secret = self.secret
        filter.failedCheck = self.failedCheck
        filter.since = try self.since.map { try Self.time($0, option: "--since") }
        filter.until = try self.until.map { try Self.time($0, option: "--until") }
        return filter
    }

    private static func time(_ text: String, option: String) throws -> Date {
        if let seconds = Double(text), seconds.isFinite { return Date(timeIntervalSince1970: seconds) }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw CommandFailure(
                "invalid-time", "\(option) \(text) is neither seconds nor ISO 8601", remedy: "write 1757310618 or 2025-09-08T05:50:18Z")
        }
        return date
    }
}

/// Lists records, a page at a time.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List records of the audit log, the newest first.",
        discussion: """
            EXAMPLE:
              sealwright broker audit list --store broker.sqlite --kind refused --limit 20
              sealwright broker audit list --store broker.sqlite --before 1200
            """)

    @OptionGroup var filter: AuditFilterOptions

    @Option(help: ArgumentHelp("Most records to list.", valueName: "n"))
    var limit = 50

    @Option(help: ArgumentHelp("The next page: records before this number.", valueName: "n"))
    var before: Int64?

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    func run() async throws {
        guard self.limit > 0 else { throw CommandFailure("bad-limit", "--limit \(self.limit) lists nothing", remedy: "give 1 or more") }
        let records = try await AuditArchive(path: self.filter.store).list(try self.filter.filter(), before: self.before, limit: self.limit)
        for record in records { print(self.json ? record.jsonLine : record.summary) }
    }
}

/// Shows one record.
struct AuditShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one record with its whole report.",
        discussion: """
            EXAMPLE:
              sealwright broker audit show 1234 --store broker.sqlite
            """)

    @Argument(help: "The record's number.")
    var sequence: Int64

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        guard let record = try await AuditArchive(path: self.store).record(self.sequence) else {
            throw CommandFailure(
                "no-such-record", "the audit log has no record \(self.sequence)", remedy: "see `sealwright broker audit list`", exitStatus: .noInput)
        }
        print(self.json ? record.jsonLine : record.text)
    }
}

/// Looks for changes.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Find records that were changed, removed or reordered.",
        discussion: """
            Each record is bound to all before it by a hash, and the store's audit key signs the end of the log with each commit. Whoever can write the \
            store can put an older state of it back, or make a new one with a key of their own: keep the public key and now and then an end of the log \
            (`audit head`) elsewhere, and give them here. Ends with 0 if the log is intact and 65 otherwise.

            EXAMPLE:
              sealwright broker audit verify --store broker.sqlite --public-key 5f1c... --head head-2026-11-01.json
            """)

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    @Option(help: ArgumentHelp("The audit key that was kept elsewhere, 64 hexadecimal digits.", valueName: "hex"))
    var publicKey: String?

    @Option(help: ArgumentHelp("An end of the log that was kept elsewhere; repeat for more.", valueName: "file"))
    var head: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    private static let headLimit = 4096

    func run() async throws {
        let key = try self.publicKey.map { text in
            guard text.utf8.count == 64, let bytes = [UInt8](hex: text) else {
                throw CommandFailure("bad-public-key", "--public-key is not 64 hexadecimal digits", remedy: "take it from `audit head`")
            }
            return bytes
        }
        let heads = try self.head.map { file in
            do {
                return try JSONDecoder().decode(AuditTail.self, from: Data(try InputFile.readAll(file, limit: Self.headLimit)))
            } catch is DecodingError {
                throw CommandFailure("bad-head", "\(file) is no end of an audit log", remedy: "give what `audit head` printed", exitStatus: .badData)
            }
        }
        let verification = try await AuditArchive(path: self.store).verify(publicKey: key, kept: heads)
        print(self.json ? try JSONText.encode(verification) : verification.text)
        guard verification.isIntact else {
            throw CommandFailure(
                "audit-log-changed", "the audit log is not intact", remedy: "compare with a backup or an export; treat the machine as broken into",
                exitStatus: .badData)
        }
    }
}

/// Prints the log for other machines.
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print records as JSON Lines, the oldest first.",
        discussion: """
            EXAMPLE:
              sealwright broker audit export --store broker.sqlite --since 2026-11-01T00:00:00Z > november.jsonl
            """)

    @OptionGroup var filter: AuditFilterOptions

    func run() async throws {
        try await AuditArchive(path: self.filter.store).export(try self.filter.filter()) { record in print(record.jsonLine) }
    }
}

/// Prints the signed end of the log.
struct AuditHeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "head",
        abstract: "Print the signed end of the log, to be kept elsewhere.",
        discussion: """
            EXAMPLE:
              sealwright broker audit head --store broker.sqlite > head-2026-11-25.json
            """)

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String

    func run() async throws { print(try JSONText.encode(try await AuditArchive(path: self.store).tail())) }
}
