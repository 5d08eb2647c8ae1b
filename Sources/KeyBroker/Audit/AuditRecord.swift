// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import GRDB

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// One line of the audit log: a decision of the broker, or a change that an operator made.
public struct AuditRecord: Hashable, Sendable {
    /// What kind of thing was recorded.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// A secret was released.
        case released
        /// Nothing was released.
        case refused
        /// An operator's change, or a broker's start or end.
        case event
    }

    /// What to put on record; its place in the chain is found when it is written.
    struct Draft: Hashable, Sendable {
        let time: Int64
        let kind: Kind
        var peer: String?
        var secret: String?
        var rule: String?
        var failedCheck: String?
        /// Everything, as one JSON object.
        let body: String
    }

    /// Position in the log, from 1 without gaps.
    public let sequence: Int64
    /// When it happened, by the broker's clock.
    public var time: Date { Date(timeIntervalSince1970: Double(self.draft.time) / 1000) }
    /// What kind of thing was recorded.
    public var kind: Kind { self.draft.kind }
    /// Whom it was about.
    public var peer: String? { self.draft.peer }
    /// The secret that was released, refused or changed.
    public var secret: String? { self.draft.secret }
    /// The rule that decided.
    public var rule: String? { self.draft.rule }
    /// The check that failed.
    public var failedCheck: String? { self.draft.failedCheck }
    /// Everything, as one JSON object.
    public var body: String { self.draft.body }
    /// What binds the record to all before it.
    public let hash: AuditHash

    let draft: Draft

    /// The record that follows one with the hash `previous`.
    init(_ draft: Draft, sequence: Int64, after previous: AuditHash) {
        self.draft = draft
        self.sequence = sequence
        self.hash = AuditHash(of: draft, sequence: sequence, after: previous)
    }

    /// Reads a row as it is, without a look at the chain.
    init(row: Row) throws {
        guard let sequence: Int64 = row.value("sequence"), let time: Int64 = row.value("time"), let kind = row.value("kind").flatMap(Kind.init),
            let body: String = row.value("body"), let hash = row.value("hash").flatMap({ (hash: Data) in AuditHash([UInt8](hash)) })
        else {
            throw KeyBrokerError(.storeDamaged, "a row of the audit log cannot be read", remedy: "see `sealwright broker audit verify`")
        }
        self.sequence = sequence
        self.draft = Draft(
            time: time, kind: kind, peer: row.value("peer"), secret: row.value("secret"), rule: row.value("rule"),
            failedCheck: row.value("failed_check"), body: body)
        self.hash = hash
    }

    static let columns = "sequence, time, kind, peer, secret, rule, failed_check, body, hash"

    func insert(in db: Database) throws {
        try db.executeOften(
            "INSERT INTO audit_record (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self.sequence, self.draft.time, self.draft.kind.rawValue, self.draft.peer, self.draft.secret, self.draft.rule,
                self.draft.failedCheck, self.draft.body, Data(self.hash.bytes),
            ])
    }
}
