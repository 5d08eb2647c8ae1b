// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import GRDB

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What verification of an audit log found.
public struct AuditVerification: Hashable, Sendable, Codable {
    /// Something that does not fit.
    public struct Fault: Hashable, Sendable, Codable {
        /// What kind of fault it is, in kebab case: `record-changed`, `record-missing`, `signature`, `log-cut-off`, `head-mismatch`, `unreadable`;
        /// of what is kept beside a record `evidence-changed`, `evidence-missing`, `collateral-changed`, `collateral-missing`.
        public let kind: String
        /// The record that it was found at.
        public let sequence: Int64
        /// What was found.
        public let message: String
    }

    /// Number of records that were read.
    public let records: Int64
    /// Number of signed ends that were checked.
    public let heads: Int
    /// The key that signatures were checked with, hexadecimal.
    public let publicKey: String
    /// Refusals of earlier versions beside which lies another quote than they name, so that a change cannot be told.
    ///
    /// Those named all that a peer had sent, with what followed its quote, and kept the quote alone.
    public let undecidable: [Int64]
    /// The first faults, in the log's order; one of an early record makes all later ones suspect.
    public let faults: [Fault]

    /// Whether nothing is wrong.
    public var isIntact: Bool { self.faults.isEmpty }

    /// One line a fault, and a last line that sums up.
    public var text: String {
        let lines =
            self.faults.map { "record \($0.sequence): \($0.message) [\($0.kind)]" }
            + (self.undecidable.isEmpty ? [] : [self.undecidableText])
        let sum = "\(self.records) records, \(self.heads) signed ends, audit key \(self.publicKey)"
        return (lines + [self.isIntact ? "intact: \(sum)" : "NOT INTACT: \(sum)"]).joined(separator: "\n")
    }
}

extension AuditVerification {
    private var undecidableText: String {
        "\(self.undecidable.count) refusals of an earlier version: cannot be told whether their quotes are what was sent "
            + "(records \(self.undecidable.prefix(10).map { "\($0)" }.joined(separator: ", "))\(self.undecidable.count > 10 ? ", …" : ""))"
    }
}

/// Walks through an audit log once, from its start to its end.
struct AuditVerifier {
    /// Faults after which it stops: one changed record can make every later one look wrong.
    private static let faultLimit = 20

    private let db: Database
    private let storeID: [UInt8]
    private let publicKey: [UInt8]

    private var faults: [AuditVerification.Fault] = []
    private var records: Int64 = 0
    private var heads = 0
    private var undecidable: [Int64] = []
    private var isEvidenceUnreadable = false
    /// Collateral that evidence was verified with, and the first record of each.
    private var usedCollateral: [EvidenceDigest: Int64] = [:]

    init(_ db: Database, publicKey: [UInt8]?) throws {
        self.db = db
        let information = StoreInformation(db)
        self.storeID = try information.required(.identifier)
        self.publicKey = try publicKey ?? information.required(.auditPublicKey)
    }

    consuming func verify(kept: [AuditTail]) throws -> AuditVerification {
        let stored = try Row.fetchAll(self.db, sql: "SELECT sequence, hash, time, signature FROM audit_head").map { try AuditTail(row: $0) }
        let tail = try AuditTail.current(in: self.db)
        var expected: [Int64: [AuditTail]] = [:]
        for head in stored + kept + [tail] {
            expected[head.sequence, default: []].append(head)
            self.heads += 1
            if !head.isSigned(by: self.publicKey, storeID: self.storeID) {
                self.note("signature", head.sequence, "the signature of the log's end there does not hold")
            }
        }
        let (last, isWhole) = try self.walk(expected: &expected)
        if isWhole {
            for sequence in expected.keys.sorted() {
                self.note("log-cut-off", sequence, "the log had \(sequence) records when its end was signed, and has \(last) now")
            }
        }
        try self.checkCollateral()
        return AuditVerification(
            records: self.records, heads: self.heads, publicKey: self.publicKey.hexString, undecidable: self.undecidable,
            faults: Array(self.faults.sorted { $0.sequence < $1.sequence }.prefix(Self.faultLimit)))
    }

    /// Checks each record against the one before it, its evidence, and each signed end against its record.
    ///
    /// What is left in `expected` was not there.
    ///
    /// - Returns: the last record, and whether the walk came to the end of the log.
    private mutating func walk(expected: inout [Int64: [AuditTail]]) throws -> (last: Int64, isWhole: Bool) {
        var hash = AuditHash.start(ofStore: self.storeID)
        var sequence: Int64 = 0
        self.compare(expected.removeValue(forKey: 0), with: hash)
        let rows = try Row.fetchCursor(self.db, sql: "SELECT \(AuditRecord.columns) FROM audit_record ORDER BY sequence")
        while self.faults.count < Self.faultLimit {
            let row: Row
            do {
                guard let next = try rows.next() else { return (sequence, true) }
                row = next
            } catch  where StoreDatabase.isDamage(error) {
                self.note("unreadable", sequence + 1, "the log cannot be read from here on: the file is damaged")
                return (sequence, false)
            }
            self.records += 1
            let next: Int64 = row.value("sequence") ?? sequence + 1
            guard let record = try? AuditRecord(row: row) else {
                self.note("unreadable", next, "the record cannot be read")
                sequence = next
                continue
            }
            if record.sequence != sequence + 1 {
                self.note("record-missing", sequence + 1, "\(record.sequence - sequence - 1) records are missing before record \(record.sequence)")
            } else if AuditHash(of: record.draft, sequence: record.sequence, after: hash) != record.hash {
                self.note("record-changed", record.sequence, "the record is not the one that was written here")
            }
            hash = record.hash
            sequence = record.sequence
            self.compare(expected.removeValue(forKey: sequence), with: hash)
            do {
                try self.checkEvidence(of: record)
            } catch  where StoreDatabase.isDamage(error) {
                self.noteUnreadableEvidence(of: record)
            }
        }
        return (sequence, false)
    }

    /// Looks whether what is kept beside a record is what the record was made on.
    private mutating func checkEvidence(of record: AuditRecord) throws {
        let statement = try self.db.cachedStatement(sql: "SELECT quote, collateral_digest FROM audit_evidence WHERE sequence = ?")
        let row = try Row.fetchOne(statement, arguments: [record.sequence])
        guard let row, let quote = try row.withUnsafeData(named: "quote", { $0.map { EvidenceDigest(of: $0) } }) else {
            if record.keepsEvidence { self.note("evidence-missing", record.sequence, "the quote that the record was made on is not there") }
            return
        }
        guard record.names(quote, as: .quote) else {
            if record.kind == .refused, !record.names(.collateral) { return self.undecidable.append(record.sequence) }
            return self.note("evidence-changed", record.sequence, "the quote beside the record is not the one that it was made on")
        }
        guard let collateral = row.value("collateral_digest").flatMap({ (digest: Data) in EvidenceDigest([UInt8](digest)) }) else { return }
        if record.names(.collateral), !record.names(collateral, as: .collateral) {
            self.note("evidence-changed", record.sequence, "the collateral beside the record is not the one that it was made on")
        }
        if self.usedCollateral[collateral] == nil { self.usedCollateral[collateral] = record.sequence }
    }

    /// Says it once: a page that is damaged has the evidence of many records, and the log itself can still be followed.
    private mutating func noteUnreadableEvidence(of record: AuditRecord) {
        guard !self.isEvidenceUnreadable else { return }
        self.isEvidenceUnreadable = true
        self.note("unreadable", record.sequence, "the evidence beside this record, and perhaps beside others, cannot be read: the file is damaged")
    }

    /// Checks the collateral that records refer to against its digests.
    private mutating func checkCollateral() throws {
        for (digest, sequence) in self.usedCollateral {
            let content: Data?
            do {
                content = try Row.fetchOne(self.db, sql: "SELECT content FROM collateral WHERE digest = ?", arguments: [Data(digest.bytes)])?
                    .value("content")
            } catch  where StoreDatabase.isDamage(error) {
                self.note("unreadable", sequence, "the collateral that the record was made on cannot be read: the file is damaged")
                continue
            }
            guard let content else {
                self.note("collateral-missing", sequence, "the collateral that the record was made on is not there")
                continue
            }
            if EvidenceDigest(of: content) != digest {
                self.note("collateral-changed", sequence, "the collateral beside the record is not what was kept")
            }
        }
    }

    private mutating func compare(_ heads: [AuditTail]?, with hash: AuditHash) {
        for head in heads ?? [] where head.hash != hash {
            self.note("head-mismatch", head.sequence, "the signed end there has another hash: the log was written anew")
        }
    }

    private mutating func note(_ kind: String, _ sequence: Int64, _ message: String) {
        self.faults.append(AuditVerification.Fault(kind: kind, sequence: sequence, message: message))
    }
}
